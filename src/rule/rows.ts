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

/** The sums of those rows that sum squares; `sumOfSquares` adds up what `squaresOf` gives for a row. */
export function sumsOfRows<V, R extends StepRow<V>>(rows: readonly R[], sumOfSquares: (row: R) => V): V[] {
  return rows.filter(({ plan }) => plan.sumsSquares).map(sumOfSquares);
}

/**
 * All scalars of each row, beside those of `commonOf`, with the sums of `sumsOfRows`. Rows of a global norm share it with those
 * that have the same `norm`.
 */
export function scalarsOfRows<V, R extends StepRow<V> & { readonly norm?: object | undefined }>(
  op: Ops<V>,
  rows: readonly R[],
  commonOf: (row: R) => CommonScalars<V>,
  sums: readonly V[],
): StepScalars<V>[] {
  const summed = rows.filter(({ plan }) => plan.sumsSquares);
  const sumOf = new Map(summed.map((row, i) => [row, sums[i] as V])); // there is one for each
  const clipped = summed.filter(({ plan }) => plan.rowScalar === "globalScale");
  const scales = new Map<object | undefined, V>();
  for (const first of clipped) {
    if (scales.has(first.norm)) continue;
    const squares = clipped.flatMap((row) => (row.norm === first.norm ? [sumOf.get(row) as V] : []));
    scales.set(first.norm, globalScale(op, squares.reduce(op.add), commonOf(first)));
  }
  return rows.map((row) => {
    const common = commonOf(row);
    if (row.plan.rowScalar === "normLimit") {
      return { ...common, normLimit: normLimit(op, sumOf.get(row) as V, common.clipnorm) }; // it has a sum
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
