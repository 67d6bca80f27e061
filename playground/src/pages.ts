// What the page calls its tabs: in the row of tabs, in the title of the window, and above each.
import type { PageState } from "./settings.js";

interface TabText {
  readonly title: string;
  readonly headline: string;
}

export const TAB_TEXTS: Readonly<Record<PageState["tab"], TabText>> = {
  explain: { title: "Explain", headline: "RMSprop gives every weight its own step size." },
  landscape: { title: "Landscape", headline: "All options, on a surface of your choice." },
  digits: { title: "Digits", headline: "Two optimizers learn to read digits." },
  speed: { title: "Speed", headline: "How fast it is on this machine." },
  code: { title: "Code", headline: "Your settings as code." },
};

/** The title of the window. */
export function windowTitle(tab: PageState["tab"]): string {
  return tab === "explain" ? "RMSprop, explained - rmsprop" : `${TAB_TEXTS[tab].title} - rmsprop`;
}
