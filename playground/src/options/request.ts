// What the worker is asked for a picture: its run without the option, and the one with it.
import { surfaceOf } from "../landscape/surfaces.js";
import type { WholeRuns } from "../landscape/whole-runs.js";
import { type StoryName, storyOf } from "./stories.js";

export function requestOf(name: StoryName, chosen: string): WholeRuns {
  const { surface, steps, without, withOption } = storyOf(name);
  return { runs: [without, withOption(chosen)], surface, start: surfaceOf(surface).start, steps };
}
