// The norms of the gradients of the last update, before they were clipped: made of the sums that its engine has taken.
import type { LaterSquares, SquaresSink } from "../../engine/engine.js";
import { normOfSums } from "../../rule/norm.js";
import { numberOps } from "../../rule/numbers.js";
import type { DType } from "../../rule/plan.js";
import type { Call } from "./call.js";
import type { Target } from "./target.js";

/** A norm; null when none is known. A device is asked for it. */
export type Norm = number | null | Promise<number | null>;

/** A variable whose gradient was summed. */
type Summed = Pick<Target<unknown>, "key" | "dtype" | "overwriteWithGradient">;

export class GradientNorms implements SquaresSink {
  /** The sums of the step that is being made, and those of the last one: they take turns. */
  #next: Float64Array = new Float64Array();
  #last: Float64Array = new Float64Array();
  #nextLater: LaterSquares | null = null;
  #lastLater: LaterSquares | null = null;
  #hasNext = false;
  /** The variables of the last sums, and the list that they were made of. */
  #summed: readonly Summed[] | null = null;
  #indices: readonly number[] | null = null;

  take(numbers: Float64Array, count: number): void {
    if (this.#hasNext) this.#nextLater?.free();
    if (this.#next.length !== count) this.#next = new Float64Array(count);
    const next = this.#next; // a part of `numbers` would be garbage of each step
    for (let i = 0; i < count; i++) next[i] = numbers[i] as number; // there are as many
    this.#nextLater = null;
    this.#hasNext = true;
  }

  takeLater(squares: LaterSquares): void {
    if (this.#hasNext && this.#nextLater !== squares) this.#nextLater?.free();
    this.#nextLater = squares;
    this.#hasNext = true;
  }

  /** The step was made: its sums are the last ones, if it has taken any. */
  commit(call: Call<unknown>, targets: readonly Summed[]): void {
    if (!this.#hasNext) return;
    this.#hasNext = false;
    const before = this.#last;
    this.#last = this.#next;
    this.#next = before;
    if (this.#lastLater !== this.#nextLater) this.#lastLater?.free();
    this.#lastLater = this.#nextLater;
    this.#nextLater = null;
    if (this.#indices !== call.indices) this.#describe(call, targets); // a function of its own, whose closures cost nothing above
  }

  #describe({ indices, gradients }: Call<unknown>, targets: readonly Summed[]): void {
    this.#indices = indices;
    const given = indices.flatMap((index, i) => (gradients[i] === null ? [] : (targets[index] ?? [])));
    this.#summed = given.filter(({ overwriteWithGradient }) => !overwriteWithGradient);
  }

  /** That of all gradients together. */
  all(): Norm {
    const dtype: DType = this.#summed?.every((summed) => summed.dtype === "float32") ? "float32" : "float64";
    return this.#from((squares) => normOfSums(dtype, squares));
  }

  /** That of one variable's gradient. */
  of(key: object): Norm {
    const at = this.#summed?.findIndex((summed) => summed.key === key) ?? -1;
    const summed = this.#summed?.[at];
    return summed === undefined
      ? null
      : this.#from((squares) => numberOps(summed.dtype).sqrt(squares[at] ?? Number.NaN));
  }

  /** The result, to be called once at most, puts back what is known now. */
  keep(): () => void {
    const [last, summed, indices] = [this.#last.slice(), this.#summed, this.#indices];
    return () => {
      [this.#last, this.#summed, this.#indices] = [last, summed, indices];
    };
  }

  dispose(): void {
    this.#lastLater?.free();
    if (this.#nextLater !== this.#lastLater) this.#nextLater?.free();
    [this.#lastLater, this.#nextLater, this.#summed] = [null, null, null];
  }

  #from(normOf: (squares: ArrayLike<number>) => number): Norm {
    if (this.#summed === null) return null;
    const squares = this.#lastLater === null ? this.#last : this.#lastLater.read();
    if ("then" in squares) return squares.then((read) => (read === null ? null : normOf(read)));
    return normOf(squares);
  }
}
