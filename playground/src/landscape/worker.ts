// The worker in which the optimizers step. The page asks for steps, or for whole runs, and gets what was seen.
import { setEngine } from "rmsprop";
import { nanRuns } from "../nan/runs.js";
import type { NanRuns, NanSettings } from "../nan/state.js";
import type { RunSettings } from "../settings.js";
import { createRun, type Run } from "./run.js";
import type { SurfaceName } from "./surfaces.js";
import { messageOf, type Outcome, rowsOf, type WholeRuns, wholeRuns } from "./whole-runs.js";

/** What the page asks for; `id` comes back with the answer. */
export type Request =
  | { readonly id: number; readonly runs: readonly RunSettings[]; readonly surface: SurfaceName }
  | { readonly id: number; readonly steps: number }
  | { readonly id: number; readonly whole: WholeRuns }
  | { readonly nan: NanSettings };

/** For each run what it saw in each step asked for, or why its settings were refused. */
export interface Answer {
  readonly id: number;
  readonly runs: readonly Outcome[];
}

/** The three runs of the page about NaN. */
export interface NanAnswer {
  readonly nan: NanRuns;
}

let runs: readonly { readonly run: Run | null; readonly error: string | null }[] = [];

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if ("nan" in data) self.postMessage({ nan: nanRuns(data.nan) } satisfies NanAnswer);
  else self.postMessage({ id: data.id, runs: answerOf(data) } satisfies Answer);
};

function answerOf(request: Exclude<Request, { readonly nan: unknown }>): Answer["runs"] {
  if ("whole" in request) {
    // For two numbers nothing is compiled: the first picture comes sooner.
    setEngine("js");
    return wholeRuns(request.whole);
  }
  return "runs" in request ? start(request.runs, request.surface) : advance(request.steps);
}

function start(settings: readonly RunSettings[], surface: SurfaceName): Answer["runs"] {
  for (const { run } of runs) run?.dispose();
  runs = settings.map((one) => {
    try {
      return { run: createRun(one, surface), error: null };
    } catch (error) {
      return { run: null, error: messageOf(error) };
    }
  });
  return runs.map(({ run, error }) => ({ ...rowsOf(run ? [run.first] : []), error }));
}

function advance(steps: number): Answer["runs"] {
  return runs.map(({ run, error }) => {
    const samples = run ? Array.from({ length: steps }, () => run.step()) : [];
    return { ...rowsOf(samples), error };
  });
}
