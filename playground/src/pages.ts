// What the site calls its parts: the tabs of the page, the places beside them, and the titles of windows.
import type { PageState } from "./settings.js";

interface TabText {
  readonly title: string;
  readonly headline: string;
}

export const TAB_TEXTS: Readonly<Record<PageState["tab"], TabText>> = {
  explain: { title: "Explain", headline: "RMSprop gives every weight its own step size." },
  landscape: { title: "Landscape", headline: "All options, on a surface of your choice." },
  digits: { title: "Digits", headline: "Draw a digit while two optimizers learn to read it." },
  speed: { title: "Speed", headline: "How fast it is on this machine." },
  code: { title: "Code", headline: "Your settings as code." },
};

/** The title of the window. */
export function windowTitle(tab: PageState["tab"]): string {
  return tab === "explain" ? "RMSprop, explained - rmsprop" : `${TAB_TEXTS[tab].title} - rmsprop`;
}

/** What every page of the site has in its header beside the tabs, by the path in the site. */
export const PLACES = [
  { title: "Guide", path: "guide/index.html" },
  { title: "API", path: "api/index.html" },
  // No registry has it yet: its own README says how it is installed.
  { title: "Package", path: "guide/index.html#install" },
] as const;

export type PlaceTitle = (typeof PLACES)[number]["title"];

export const INSTALL = "npm install rmsprop";

/** The page about NaN, in the site. People link to it: it stays where it is. */
export const NAN_PATH = "why/nan.html";
