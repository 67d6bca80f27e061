// Runs from their start to their last step at once, and what they saw as rows. The worker answers with them; tests do, in Node.
import type { RunSettings } from "../settings.js";
import { createRun, type Sample } from "./run.js";
import type { Point, SurfaceName } from "./surfaces.js";

export interface WholeRuns {
  readonly runs: readonly RunSettings[];
  readonly surface: SurfaceName;
  readonly start: Point;
  readonly steps: number;
}

/** Samples one after another, each with a number for each name. */
export interface Rows {
  readonly names: readonly string[];
  readonly numbers: Float64Array;
}

/** What a run saw, or why its settings were refused. */
export interface Outcome extends Rows {
  readonly error: string | null;
}

export function wholeRuns({ runs, surface, start, steps }: WholeRuns): readonly Outcome[] {
  return runs.map((settings) => {
    try {
      const run = createRun(settings, surface, start);
      const samples = [run.first, ...Array.from({ length: steps }, () => run.step())];
      run.dispose();
      return { ...rowsOf(samples), error: null };
    } catch (error) {
      return { ...rowsOf([]), error: messageOf(error) };
    }
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function rowsOf(samples: readonly Sample[]): Rows {
  const names = Object.keys(samples[0] ?? {});
  const numbers = samples.flatMap((sample) => names.map((name) => sample[name] ?? Number.NaN));
  return { names, numbers: Float64Array.from(numbers) };
}
