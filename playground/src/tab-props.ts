// What the page and its tabs share.
import type { PageState } from "./settings.js";

/** What each tab gets: the state of the page, and a way to change parts of it. */
export interface TabProps {
  readonly state: PageState;
  /** Another state from the present one, which may be newer than `state`: events come faster than drawings. */
  change(update: (present: PageState) => PageState): void;
}
