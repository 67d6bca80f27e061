// The scalars that differ by variable: norms, summed by the engine, become the factors of a clip.
import { globalScale, normLimit } from "../rule/norm.js";
import { numberOps } from "../rule/numbers.js";
import { pairwiseSum } from "../rule/pairwise.js";
import type { DType } from "../rule/plan.js";
import { ROUND, type ScalarValues } from "../rule/scalars.js";
import type { Row, ScalarsByType } from "./engine.js";

/** Numbers that can be replaced one by one. */
interface Numbers {
  readonly length: number;
  [index: number]: number;
}

export class RowScalars {
  // Kept, since there is one for each variable.
  #sums: Float64Array = new Float64Array();

  /**
   * `numbers[i]` is the sum of squares of row i, if its clip needs a norm; it becomes the row's own scalar. The sums of
   * a global norm are added in the order of the rows.
   */
  replaceSums(rows: readonly Row<unknown>[], scalars: ScalarsByType, numbers: Numbers): void {
    let clipped: DType | null = null;
    let count = 0;
    if (this.#sums.length < rows.length) this.#sums = new Float64Array(2 * rows.length);
    for (let i = 0; i < rows.length; i++) {
      const { dtype, rowScalar } = (rows[i] as Row<unknown>).plan;
      const sum = numbers[i] as number;
      if (rowScalar === "normLimit") {
        numbers[i] = normLimit(numberOps(dtype), sum, scalars[dtype].get("clipnorm"));
      } else if (rowScalar === "globalScale") {
        clipped = dtype; // all are of one type
        this.#sums[count++] = sum;
      }
    }
    if (clipped === null) return;
    const scale = this.#globalScale(clipped, scalars[clipped], count);
    for (let i = 0; i < rows.length; i++) if (rows[i]?.plan.rowScalar === "globalScale") numbers[i] = scale;
  }

  #globalScale(dtype: DType, scalars: ScalarValues, count: number): number {
    const squares = pairwiseSum(ROUND[dtype], (i) => this.#sums[i] ?? 0, count);
    const [globalClipnorm, inverseGlobalClipnorm] = [
      scalars.get("globalClipnorm"),
      scalars.get("inverseGlobalClipnorm"),
    ];
    return globalScale(numberOps(dtype), squares, { globalClipnorm, inverseGlobalClipnorm });
  }
}
