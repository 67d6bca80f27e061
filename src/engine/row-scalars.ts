// The scalars that differ by variable: norms, summed by the engine, become the factors of a clip.
import { globalScale, normLimit } from "../rule/norm.js";
import { pairwiseSum } from "../rule/pairwise.js";
import { ROUND } from "../rule/scalars.js";
import type { Row, ScalarsByType } from "./engine.js";
import { NUMBERS } from "./numbers.js";

/** Numbers that can be replaced one by one. */
interface Numbers {
  readonly length: number;
  [index: number]: number;
}

export class RowScalars {
  // Kept, so that a step allocates nothing.
  #sums: Float64Array = new Float64Array();
  readonly #at = (index: number): number => this.#sums[index] ?? 0;

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
        numbers[i] = normLimit(NUMBERS[dtype], numbers[i] ?? 0, scalars[dtype].get("clipnorm"));
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
    const sum = pairwiseSum(ROUND[dtype], this.#at, count);
    const limit = scalars[dtype].get("globalClipnorm");
    const inverse = scalars[dtype].get("inverseGlobalClipnorm");
    const scale = globalScale(NUMBERS[dtype], sum, { globalClipnorm: limit, inverseGlobalClipnorm: inverse });
    for (let i = 0; i < rows.length; i++) if (rows[i]?.plan.rowScalar === "globalScale") numbers[i] = scale;
  }
}
