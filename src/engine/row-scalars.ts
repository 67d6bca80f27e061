// The scalars that differ by variable: norms, summed by the engine, become the factors of a clip.
import { globalScale, normLimit } from "../rule/norm.js";
import { pairwiseSum } from "../rule/pairwise.js";
import type { DType } from "../rule/plan.js";
import { ROUND, type ScalarValues } from "../rule/scalars.js";
import type { FloatArray, Row, ScalarsByType } from "./engine.js";
import { type BlockOps, blockOps } from "./js/blocks.js";

/** Numbers that can be replaced one by one. */
interface Numbers {
  readonly length: number;
  [index: number]: number;
}

export class RowScalars {
  // Kept, so that a step allocates nothing.
  #sums: Float64Array = new Float64Array();
  readonly #at = (index: number): number => this.#sums[index] ?? 0;
  readonly #norms = { float32: new NormArithmetic("float32"), float64: new NormArithmetic("float64") };

  /**
   * `numbers[i]` is the sum of squares of row i, if its clip needs a norm; it becomes the row's own scalar. The sums of
   * a global norm are added in the order of the rows.
   */
  replaceSums<R extends Row<unknown>>(rows: readonly R[], scalars: ScalarsByType, numbers: Numbers): void {
    let clipped: R | null = null;
    let count = 0;
    if (this.#sums.length < rows.length) this.#sums = new Float64Array(2 * rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as R;
      const { dtype, rowScalar } = row.plan;
      if (rowScalar === "normLimit") {
        this.#norms[dtype].toNormLimit(numbers, i, scalars[dtype]);
      } else if (rowScalar === "globalScale") {
        clipped = row;
        this.#sums[count++] = numbers[i] ?? 0;
      }
    }
    if (clipped !== null) this.#setGlobalScale(rows, scalars, numbers, clipped, count);
  }

  #setGlobalScale<R extends Row<unknown>>(
    rows: readonly R[],
    scalars: ScalarsByType,
    numbers: Numbers,
    { plan: { dtype } }: R,
    count: number,
  ): void {
    this.#sums[0] = pairwiseSum(ROUND[dtype], this.#at, count);
    this.#norms[dtype].toGlobalScale(this.#sums, 0, scalars[dtype]);
    for (let i = 0; i < rows.length; i++) {
      if (rows[i]?.plan.rowScalar === "globalScale") numbers[i] = this.#sums[0] as number;
    }
  }
}

/** Arithmetic on single numbers in arrays of their type: as results of functions they might become objects. */
class NormArithmetic {
  readonly #op: BlockOps;
  readonly #squares: FloatArray;
  readonly #scalars: FloatArray[];

  constructor(dtype: DType) {
    const one = (): FloatArray => (dtype === "float32" ? new Float32Array(1) : new Float64Array(1));
    this.#op = blockOps(dtype);
    this.#squares = one();
    this.#scalars = [one(), one()];
  }

  /** Replaces a sum of squares. */
  toNormLimit(numbers: Numbers, at: number, scalars: ScalarValues): void {
    this.#begin(numbers, at);
    numbers[at] = normLimit(this.#op, this.#squares, this.#scalar(0, "clipnorm", scalars))[0] as number;
  }

  /** Replaces a sum of squares. */
  toGlobalScale(numbers: Numbers, at: number, scalars: ScalarValues): void {
    this.#begin(numbers, at);
    const globalClipnorm = this.#scalar(0, "globalClipnorm", scalars);
    const inverseGlobalClipnorm = this.#scalar(1, "inverseGlobalClipnorm", scalars);
    const scale = globalScale(this.#op, this.#squares, { globalClipnorm, inverseGlobalClipnorm });
    numbers[at] = scale[0] as number;
  }

  #begin(numbers: Numbers, at: number): void {
    this.#op.begin(1);
    this.#squares[0] = numbers[at] ?? 0;
  }

  #scalar(place: number, name: string, scalars: ScalarValues): FloatArray {
    const to = this.#scalars[place] as FloatArray;
    to[0] = scalars.numbers[scalars.indexOf(name)] as number;
    return to;
  }
}
