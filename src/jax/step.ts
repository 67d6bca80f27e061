// One step over arrays of jax-js, as part of a program that `jit` compiles: norms, and then the rule for each variable.
import type { numpy as np } from "@jax-js/jax";
import { globalScale, normLimit, summandOf } from "../rule/norm.js";
import type { Ops } from "../rule/ops.js";
import type { Plan } from "../rule/plan.js";
import { type StepInputs, type StepScalars, step } from "../rule/step.js";
import type { Numerics } from "./ops/numerics.js";
import { sumOf } from "./ops/ops.js";
import type { Scope } from "./ops/scope.js";

/** One variable's part: the arrays that its plan lists, by name. */
export interface ArrayRow {
  readonly plan: Plan;
  readonly arrays: Readonly<Record<string, np.Array>>;
}

/** What a step is computed with. */
export interface Context {
  readonly scope: Scope;
  readonly op: Ops<np.Array>;
  readonly numerics: Numerics;
  /** The scalars that do not differ by variable, by name. */
  readonly scalars: Readonly<Record<string, np.Array>>;
}

/** The new arrays of each row, by name; they belong to the scope. What a result does not name stays as it is. */
export function stepRows(context: Context, rows: readonly ArrayRow[]): Readonly<Record<string, np.Array>>[] {
  const { op, scalars } = context;
  const own = rowScalarsOf(context, rows);
  return rows.map(({ plan, arrays }, i) => {
    const ownScalar = plan.rowScalar === null ? {} : { [plan.rowScalar]: own[i] };
    return step(op, plan, arrays as StepInputs<np.Array>, { ...scalars, ...ownScalar } as StepScalars<np.Array>);
  });
}

function rowScalarsOf(context: Context, rows: readonly ArrayRow[]): (np.Array | null)[] {
  const { op, scalars } = context;
  const sums = rows.map((row) => (row.plan.rowScalar === null ? null : sumOfSquares(context, row)));
  const ofGlobal = sums.filter((sum, i) => sum !== null && rows[i]?.plan.rowScalar === "globalScale");
  const k = scalars as Readonly<Record<"clipnorm" | "globalClipnorm" | "inverseGlobalClipnorm", np.Array>>;
  const scale = ofGlobal.length === 0 ? null : globalScale(op, (ofGlobal as np.Array[]).reduce(op.add), k);
  return rows.map(({ plan }, i) => {
    const sum = sums[i];
    return plan.rowScalar === "normLimit" && sum ? normLimit(op, sum, k.clipnorm) : scale;
  });
}

function sumOfSquares({ scope, op, numerics, scalars }: Context, { plan, arrays }: ArrayRow): np.Array {
  const k = scalars as StepScalars<np.Array>;
  const squares = summandOf(op, "square", plan, arrays as StepInputs<np.Array>, k);
  return sumOf(scope, numerics, squares);
}
