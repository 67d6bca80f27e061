// The runs of a picture without a worker, for tests.
import { pathOf } from "../explain/story/paths.js";
import { wholeRuns } from "../landscape/whole-runs.js";
import { requestOf, type StoryName, storyOf } from "./stories.js";
import type { Told } from "./story.js";

/** Throws where a run was refused. */
export function toldOf(name: StoryName, chosen: string): Told {
  const [without, own] = wholeRuns(requestOf(name, chosen));
  if (!without || !own || without.error !== null || own.error !== null)
    throw new Error(`a run was refused: ${without?.error} ${own?.error}`);
  return { chosen, without: pathOf(without), with: pathOf(own), steps: storyOf(name).steps };
}
