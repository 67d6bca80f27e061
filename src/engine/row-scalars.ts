// The scalars that differ by variable: norms, summed by the engine, become the factors of a clip.
import { globalScale, normLimit } from "../rule/norm.js";
import { pairwiseSum } from "../rule/pairwise.js";
import { ROUND } from "../rule/scalars.js";
import type { Row, ScalarsByType } from "./engine.js";
import { NUMBERS } from "./numbers.js";

/**
 * Fills `into` with each row's own scalar, 0 where a row has none. `sumOfSquares(row, i)` is called once for each row
 * whose clip needs a norm; the sums of a global norm are added in the order of the rows.
 */
export function rowScalarsOf<R extends Row<unknown>>(
  rows: readonly R[],
  scalars: ScalarsByType,
  sumOfSquares: (row: R, index: number) => number,
  into: number[],
): void {
  const clipped: number[] = [];
  rows.forEach((row, i) => {
    into[i] = row.plan.rowScalar === null ? 0 : sumOfSquares(row, i);
    if (row.plan.rowScalar === "globalScale") clipped.push(i);
    if (row.plan.rowScalar === "normLimit") {
      const { dtype } = row.plan;
      into[i] = normLimit(NUMBERS[dtype], into[i] ?? 0, scalars[dtype].clipnorm ?? 0);
    }
  });
  const dtype = rows[clipped[0] ?? -1]?.plan.dtype;
  if (dtype === undefined) return;
  const sum = pairwiseSum(ROUND[dtype], (i) => into[clipped[i] ?? 0] ?? 0, clipped.length);
  const { globalClipnorm = 0, inverseGlobalClipnorm = 0 } = scalars[dtype];
  const scale = globalScale(NUMBERS[dtype], sum, { globalClipnorm, inverseGlobalClipnorm });
  for (const i of clipped) into[i] = scale;
}
