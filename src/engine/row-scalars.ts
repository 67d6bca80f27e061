// The scalars that differ by variable: norms, summed by the engine, become the factors of a clip.
import { globalScale, normLimit } from "../rule/norm.js";
import { numberOps } from "../rule/numbers.js";
import { pairwiseSum } from "../rule/pairwise.js";
import type { DType } from "../rule/plan.js";
import { ROUND } from "../rule/scalars.js";
import type { Row, ScalarsByType } from "./engine.js";

/**
 * `numbers[i]` is the sum of squares of row i, if its clip needs a norm; it becomes the row's own scalar. The rows of each
 * global norm stand together, those of the only one first, and are of one type; their sums are added in their order.
 */
export function replaceSums(
  rows: readonly Row<unknown>[],
  scalars: ScalarsByType,
  numbers: number[] | Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const { plan, norm, scalars: own = scalars } = rows[i] as Row<unknown>; // an index of the list
    const { dtype, rowScalar } = plan;
    if (rowScalar === "globalScale") {
      const start = i;
      while (i + 1 < rows.length && isOfNorm(rows[i + 1] as Row<unknown>, norm)) i++; // an index of the list
      replaceTogether(start, i + 1, dtype, own, numbers);
    }
    if (rowScalar !== "normLimit") continue;
    numbers[i] = normLimit(numberOps(dtype), numbers[i] as number, own[dtype].get("clipnorm")); // an index of the list
  }
}

const isOfNorm = (row: Row<unknown>, norm: object | undefined): boolean =>
  row.plan.rowScalar === "globalScale" && row.norm === norm;

/** The sums of a global norm become its scale. */
function replaceTogether(
  start: number,
  end: number,
  dtype: DType,
  scalars: ScalarsByType,
  numbers: number[] | Float64Array,
): void {
  const squares = pairwiseSum(ROUND[dtype], (i) => numbers[start + i] as number, end - start); // an index of the list
  const globalClipnorm = scalars[dtype].get("globalClipnorm");
  const inverseGlobalClipnorm = scalars[dtype].get("inverseGlobalClipnorm");
  numbers.fill(globalScale(numberOps(dtype), squares, { globalClipnorm, inverseGlobalClipnorm }), start, end);
}
