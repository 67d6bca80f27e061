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

/**
 * All scalars of each row, beside those of `commonOf`; `sumOfSquares` adds up what `squaresOf` gives for a row. Rows of a global
 * norm share it with those that have the same `norm`.
 */
export function scalarsOfRows<V, R extends StepRow<V> & { readonly norm?: object | undefined }>(
  op: Ops<V>,
  rows: readonly R[],
  commonOf: (row: R) => CommonScalars<V>,
  sumOfSquares: (row: R) => V,
): StepScalars<V>[] {
  const clipped = rows.filter(({ plan }) => plan.rowScalar === "globalScale");
  const scales = new Map<object | undefined, V>();
  for (const first of clipped) {
    if (scales.has(first.norm)) continue;
    const squares = clipped.filter(({ norm }) => norm === first.norm).map(sumOfSquares);
    scales.set(first.norm, globalScale(op, squares.reduce(op.add), commonOf(first)));
  }
  return rows.map((row) => {
    const common = commonOf(row);
    if (row.plan.rowScalar === "normLimit") {
      return { ...common, normLimit: normLimit(op, sumOfSquares(row), common.clipnorm) };
    }
    const globalScale = row.plan.rowScalar === "globalScale" ? scales.get(row.norm) : undefined;
    return globalScale === undefined ? common : { ...common, globalScale };
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
