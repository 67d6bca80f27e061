// One step over arrays of jax-js, as part of a program that `jit` compiles.
import type { numpy as np } from "@jax-js/jax";
import { type CommonScalars, type StepRow, scalarsOfRows, squaresOf, stepRow } from "../rule/rows.js";
import type { ArrayOps } from "./ops/ops.js";

/** The new arrays of each row, by name; they belong to the scope. What a result does not name stays as it is. */
export function stepRows(
  op: ArrayOps,
  rows: readonly StepRow<np.Array>[],
  scalars: Readonly<Record<string, np.Array>>,
): Readonly<Record<string, np.Array>>[] {
  const common = scalars as CommonScalars<np.Array>; // by the names that the rows need
  const own = scalarsOfRows(
    op,
    rows,
    () => common,
    (row) => op.sum(squaresOf(op, row, common)),
  );
  return rows.map((row, i) => stepRow(op, row, own[i] ?? common));
}
