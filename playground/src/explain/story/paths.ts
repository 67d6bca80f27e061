// What the worker computed, by step: RMSprop's run and SGD's from the same start.
import type { Rows } from "../../landscape/whole-runs.js";

/** The numbers of a run by their names, each from step 0 on. */
export type Path = ReadonlyMap<string, Float64Array>;

/** The two runs of the first screen. */
export interface Paths {
  readonly rmsprop: Path;
  readonly sgd: Path;
}

/** x and y of something. */
export interface Pair {
  readonly x: number;
  readonly y: number;
}

export function pathOf({ names, numbers }: Rows): Path {
  const rows = names.length === 0 ? 0 : numbers.length / names.length;
  return new Map(
    names.map((name, i) => [
      name,
      Float64Array.from({ length: rows }, (_, row) => numbers[row * names.length + i] ?? 0),
    ]),
  );
}

/** A number of a run after a step; NaN where there is none. */
export function at(path: Path, name: string, step: number): number {
  return path.get(name)?.[step] ?? Number.NaN;
}

/** Where a run is after a step. */
export function pointAt(path: Path, step: number): Pair {
  return { x: at(path, "x", step), y: at(path, "y", step) };
}
