// One step over arrays of jax-js, as part of a program that `jit` compiles.
import type { numpy as np } from "@jax-js/jax";
import { type CommonScalars, type StepRow, scalarsOfRows, squaresOf, stepRow, sumsOfRows } from "../rule/rows.js";
import type { ArrayOps } from "./ops/ops.js";

/** The new arrays of each row, by name, and the sums of squares; they belong to the scope. What a result does not name stays as it is. */
export function stepRows(
  op: ArrayOps,
  rows: readonly StepRow<np.Array>[],
  scalars: Readonly<Record<string, np.Array>>,
): { readonly outputs: Readonly<Record<string, np.Array>>[]; readonly sums: np.Array[] } {
  const common = scalars as CommonScalars<np.Array>; // by the names that the rows need
  const sums = sumsOfRows(rows, (row) => op.sum(squaresOf(op, row, common)));
  const own = scalarsOfRows(op, rows, () => common, sums);
  return { outputs: rows.map((row, i) => stepRow(op, row, own[i] ?? common)), sums };
}
