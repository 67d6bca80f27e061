// What a run has seen since its start, by columns: one array for each name, of which a part is filled.
import { MAX_STEPS } from "../settings.js";

/** Samples one after another, each with a number for each name. */
export interface Rows {
  readonly names: readonly string[];
  readonly numbers: Float64Array;
}

export class Track {
  /** Why the run was refused, if it was. */
  readonly error: string | null;
  readonly #columns = new Map<string, Float64Array>();
  #length = 0;

  constructor(error: string | null) {
    this.error = error;
  }

  /** Samples, of which the first is that of the start. */
  get length(): number {
    return this.#length;
  }

  /** All numbers of a name so far; null where the run has no such thing. */
  column(name: string): Float64Array | null {
    return this.#columns.get(name)?.subarray(0, this.#length) ?? null;
  }

  /** The newest number of a name. */
  last(name: string): number | undefined {
    return this.#columns.get(name)?.[this.#length - 1];
  }

  push({ names, numbers }: Rows): void {
    const count = names.length === 0 ? 0 : numbers.length / names.length;
    for (const [i, name] of names.entries()) {
      const column = this.#columns.get(name) ?? new Float64Array(MAX_STEPS + 1);
      this.#columns.set(name, column);
      for (let row = 0; row < count; row++) column[this.#length + row] = numbers[row * names.length + i] ?? Number.NaN;
    }
    this.#length += count;
  }
}
