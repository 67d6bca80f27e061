// The worker in which the optimizers of the landscape step. The page asks for steps and gets what was seen.
import type { RunSettings } from "../settings.js";
import { createRun, type Run, type Sample } from "./run.js";
import type { SurfaceName } from "./surfaces.js";
import type { Rows } from "./track.js";

/** What the page asks for; `id` comes back with the answer. */
export type Request =
  | { readonly id: number; readonly runs: readonly RunSettings[]; readonly surface: SurfaceName }
  | { readonly id: number; readonly steps: number };

/** For each run what it saw in each step asked for, or why its settings were refused. */
export interface Answer {
  readonly id: number;
  readonly runs: readonly (Rows & { readonly error: string | null })[];
}

let runs: readonly { readonly run: Run | null; readonly error: string | null }[] = [];

self.onmessage = ({ data }: MessageEvent<Request>) => {
  const answer = "runs" in data ? start(data.runs, data.surface) : advance(data.steps);
  self.postMessage({ id: data.id, runs: answer } satisfies Answer);
};

function start(settings: readonly RunSettings[], surface: SurfaceName): Answer["runs"] {
  for (const { run } of runs) run?.dispose();
  runs = settings.map((one) => {
    try {
      return { run: createRun(one, surface), error: null };
    } catch (error) {
      return { run: null, error: error instanceof Error ? error.message : String(error) };
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

function rowsOf(samples: readonly Sample[]): Rows {
  const names = Object.keys(samples[0] ?? {});
  const numbers = samples.flatMap((sample) => names.map((name) => sample[name] ?? Number.NaN));
  return { names, numbers: Float64Array.from(numbers) };
}
