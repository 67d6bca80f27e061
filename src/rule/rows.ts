// One step of several variables, for those that compute with whole arrays: first the norms, then row by row.
import { type GlobalNormScalars, globalScale, normLimit, summandOf } from "./norm.js";
import type { Ops } from "./ops.js";
import type { Plan } from "./plan.js";
import { type StepInputs, type StepScalars, step } from "./step.js";

/** One variable's part: the arrays that its plan lists, in that order. */
export interface StepRow<V> {
  readonly plan: Plan;
  readonly arrays: readonly V[];
}

/** The scalars of a step, those of norms included, that do not differ by variable. */
export type CommonScalars<V> = StepScalars<V> & GlobalNormScalars<V>;

/** The names of those that rows of these plans need. */
export function commonScalarNames(plans: readonly Plan[]): string[] {
  const needsGlobal = plans.some(({ rowScalar }) => rowScalar === "globalScale");
  const ofNorm = needsGlobal ? ["globalClipnorm", "inverseGlobalClipnorm"] : [];
  return [...new Set([...plans.flatMap(({ scalars }) => scalars), ...ofNorm])];
}

/** All scalars of each row; `sumOfSquares` adds up what `squaresOf` gives for a row. */
export function scalarsOfRows<V>(
  op: Ops<V>,
  rows: readonly StepRow<V>[],
  common: CommonScalars<V>,
  sumOfSquares: (row: StepRow<V>) => V,
): StepScalars<V>[] {
  const sums = rows.filter(({ plan }) => plan.rowScalar === "globalScale").map(sumOfSquares);
  const shared = sums.length === 0 ? common : { ...common, globalScale: globalScale(op, sums.reduce(op.add), common) };
  return rows.map((row) => {
    if (row.plan.rowScalar !== "normLimit") return shared;
    return { ...common, normLimit: normLimit(op, sumOfSquares(row), common.clipnorm) };
  });
}

/** The squares of the elements of a row's gradient, as the clip sees it. */
export function squaresOf<V>(op: Ops<V>, row: StepRow<V>, common: CommonScalars<V>): V {
  return summandOf(op, "square", row.plan, inputsOf(row), common);
}

/** The new arrays of a row by name. Those that the result does not name stay as they are. */
export function stepRow<V>(op: Ops<V>, row: StepRow<V>, scalars: StepScalars<V>): Readonly<Record<string, V>> {
  return step(op, row.plan, inputsOf(row), scalars);
}

function inputsOf<V>({ plan, arrays }: StepRow<V>): StepInputs<V> {
  return Object.fromEntries(plan.arrays.map((name, i) => [name, arrays[i]])) as StepInputs<V>; // what the plan needs
}
