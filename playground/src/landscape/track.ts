// What a run saw from its start to its last step, by columns: one array for each name.
import type { Outcome } from "./whole-runs.js";

export class Track {
  /** Why the run was refused, if it was. */
  readonly error: string | null;
  /** Samples, of which the first is that of the start. */
  readonly length: number;
  readonly #columns: ReadonlyMap<string, Float64Array>;

  constructor({ error, names, numbers }: Outcome) {
    this.error = error;
    this.length = names.length === 0 ? 0 : numbers.length / names.length;
    const columnOf = (i: number): Float64Array =>
      Float64Array.from({ length: this.length }, (_, row) => numbers[row * names.length + i] ?? Number.NaN);
    this.#columns = new Map(names.map((name, i) => [name, columnOf(i)]));
  }

  /** All numbers of a name; null where the run has no such thing. */
  column(name: string): Float64Array | null {
    return this.#columns.get(name) ?? null;
  }

  /** The number of a name at a step, or at the last one if there are fewer. */
  at(name: string, step: number): number | undefined {
    return this.#columns.get(name)?.[Math.min(step, this.length - 1)];
  }
}
