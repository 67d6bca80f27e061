// The worker in which the optimizers step. The page asks for whole runs, and gets what was seen.
import { setEngine } from "rmsprop";
import { nanRuns } from "../nan/runs.js";
import type { NanRuns, NanSettings } from "../nan/state.js";
import { type Outcome, type WholeRuns, wholeRuns } from "./whole-runs.js";

/** What the page asks for; `id` comes back with the answer. */
export type Request = { readonly id: number; readonly whole: WholeRuns } | { readonly nan: NanSettings };

/** For each run what it saw, or why its settings were refused. */
export interface Answer {
  readonly id: number;
  readonly runs: readonly Outcome[];
}

/** The three runs of the page about NaN. */
export interface NanAnswer {
  readonly nan: NanRuns;
}

// For two numbers nothing is compiled: the first picture comes sooner.
setEngine("js");

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if ("nan" in data) self.postMessage({ nan: nanRuns(data.nan) } satisfies NanAnswer);
  else self.postMessage({ id: data.id, runs: wholeRuns(data.whole) } satisfies Answer);
};
