// The sums of squares of a step of several optimizers, given to each that wants some.
import type { LaterSquares, SquaresSink } from "../../engine/engine.js";

/** Who wants some of the sums, and at which places of the step's they stand. */
export interface SumsWanted {
  readonly sink: SquaresSink;
  readonly at: readonly number[];
}

export class JointSquares implements SquaresSink {
  readonly #wanted: readonly SumsWanted[];
  /** Those for one of them, which copies them. */
  readonly #picked: Float64Array;

  constructor(wanted: readonly SumsWanted[]) {
    this.#wanted = wanted;
    this.#picked = new Float64Array(Math.max(...wanted.map(({ at }) => at.length)));
  }

  take(numbers: Float64Array): void {
    for (const { sink, at } of this.#wanted) {
      for (let i = 0; i < at.length; i++) this.#picked[i] = numbers[at[i] as number] as number; // places of the step's
      sink.take(this.#picked, at.length);
    }
  }

  takeLater(squares: LaterSquares): void {
    let users = this.#wanted.length;
    const free = (): void => {
      users--;
      if (users === 0) squares.free();
    };
    for (const { sink, at } of this.#wanted) sink.takeLater({ read: () => picked(squares.read(), at), free });
  }
}

type Sums = ReturnType<LaterSquares["read"]>;

function picked(sums: Sums, at: readonly number[]): Sums {
  const pick = (all: ArrayLike<number>): Float64Array => Float64Array.from(at, (i) => all[i] as number); // places of the step's
  if (!("then" in sums)) return pick(sums);
  return sums.then((all) => (all === null ? null : pick(all)));
}
