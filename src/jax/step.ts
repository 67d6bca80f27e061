// One step over arrays of jax-js, as part of a program that `jit` compiles.
import type { numpy as np } from "@jax-js/jax";
import { type CommonScalars, type StepRow, scalarsOfRows, squaresOf, stepRow, sumsOfRows } from "../rule/rows.js";
import type { ArrayOps } from "./ops/ops.js";

/** A row with the scalars, by name, that it shares with others of its optimizer. */
export interface ScaledRow extends StepRow<np.Array> {
  readonly scalars: Readonly<Record<string, np.Array>>;
  /** Rows of a global norm share it with those that have the same one. */
  readonly norm: object | undefined;
  /** Whether it counts in a norm, where only the running program knows that; else it does. */
  readonly counts?: np.Array | undefined;
}

/** The new arrays of each row, by name, and the sums of squares; they belong to the scope. What a result does not name stays as it is. */
export function stepRows(
  op: ArrayOps,
  rows: readonly ScaledRow[],
): { readonly outputs: Readonly<Record<string, np.Array>>[]; readonly sums: np.Array[] } {
  const commonOf = ({ scalars }: ScaledRow) => scalars as CommonScalars<np.Array>; // by the names that the rows need
  const sums = sumsOfRows(rows, (row) => {
    const sum = op.sum(squaresOf(op, row, commonOf(row)));
    return row.counts === undefined ? sum : op.select(row.counts, sum, op.constant(0));
  });
  const own = scalarsOfRows(op, rows, commonOf, sums);
  return { outputs: rows.map((row, i) => stepRow(op, row, own[i] ?? commonOf(row))), sums };
}
