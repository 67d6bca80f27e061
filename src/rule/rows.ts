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

/** The sums of those rows that sum squares, which come first; `sumOfSquares` adds up what `squaresOf` gives for a row. */
export function sumsOfRows<V>(rows: readonly StepRow<V>[], sumOfSquares: (row: StepRow<V>) => V): V[] {
  return rows.filter(({ plan }) => plan.sumsSquares).map(sumOfSquares);
}

/** All scalars of each row, with the sums of `sumsOfRows`. */
export function scalarsOfRows<V>(
  op: Ops<V>,
  rows: readonly StepRow<V>[],
  common: CommonScalars<V>,
  sums: readonly V[],
): StepScalars<V>[] {
  const isGlobal = rows[0]?.plan.rowScalar === "globalScale";
  const shared = isGlobal ? { ...common, globalScale: globalScale(op, sums.reduce(op.add), common) } : common;
  return rows.map(({ plan }, i) => {
    if (plan.rowScalar !== "normLimit") return shared;
    return { ...common, normLimit: normLimit(op, sums[i] as V, common.clipnorm) }; // it has a sum
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
