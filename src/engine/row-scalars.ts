// The scalars that differ by variable: norms, summed by the engine, become the factors of a clip.
import { globalScale, normLimit } from "../rule/norm.js";
import { numberOps } from "../rule/numbers.js";
import { pairwiseSum } from "../rule/pairwise.js";
import type { DType } from "../rule/plan.js";
import { ROUND } from "../rule/scalars.js";
import type { Row, ScalarsByType } from "./engine.js";

/**
 * `numbers[i]` is the sum of squares of row i, if its clip needs a norm; it becomes the row's own scalar. The rows of a
 * global norm come first and are of one type; their sums are added in their order.
 */
export function replaceSums(
  rows: readonly Row<unknown>[],
  scalars: ScalarsByType,
  numbers: number[] | Float64Array,
): void {
  let clipped = 0;
  for (let i = 0; i < rows.length; i++) {
    const { dtype, rowScalar } = (rows[i] as Row<unknown>).plan; // an index of the list
    if (rowScalar === "globalScale") clipped++;
    if (rowScalar !== "normLimit") continue;
    numbers[i] = normLimit(numberOps(dtype), numbers[i] as number, scalars[dtype].get("clipnorm")); // an index of the list
  }
  if (clipped > 0) replaceFirst(clipped, (rows[0] as Row<unknown>).plan.dtype, scalars, numbers); // an index of the list
}

/** The number of rows that sum squares, which come first. */
export function squareCount(rows: readonly Row<unknown>[]): number {
  let count = 0;
  while (rows[count]?.plan.sumsSquares) count++;
  return count;
}

/** The sums of a global norm become its scale. */
function replaceFirst(count: number, dtype: DType, scalars: ScalarsByType, numbers: number[] | Float64Array): void {
  const squares = pairwiseSum(ROUND[dtype], (i) => numbers[i] as number, count); // an index of the list
  const globalClipnorm = scalars[dtype].get("globalClipnorm");
  const inverseGlobalClipnorm = scalars[dtype].get("inverseGlobalClipnorm");
  numbers.fill(globalScale(numberOps(dtype), squares, { globalClipnorm, inverseGlobalClipnorm }), 0, count);
}
