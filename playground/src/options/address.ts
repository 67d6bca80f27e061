// The controls of the pictures as words of the address, and back: `option=momentum:0.5`.
import type { PageState } from "../settings.js";
import { STORY_NAMES, storyOf } from "./stories.js";

/** Those that are elsewhere than where the pictures open. */
export function pictureWords(pictures: PageState["pictures"]): [string, string][] {
  return STORY_NAMES.flatMap((name) => {
    const { places, initial } = storyOf(name).control;
    const place = pictures[name] ?? initial;
    return place === initial ? [] : [["option", `${name}:${places[place]}`] as [string, string]];
  });
}

/** The places that these words say; `refuse` is called for each that makes no sense. */
export function picturesOf(
  words: URLSearchParams,
  refuse: (word: string, text: string) => void,
): PageState["pictures"] {
  const found = words.getAll("option").flatMap((text) => {
    const name = STORY_NAMES.find((candidate) => text.startsWith(`${candidate}:`));
    const place = name ? storyOf(name).control.places.indexOf(text.slice(name.length + 1)) : -1;
    if (name && place >= 0) return [[name, place] as const];
    refuse("option", text);
    return [];
  });
  return Object.fromEntries(found);
}
