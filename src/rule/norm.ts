// What is summed for clipnorm, globalClipnorm and the finite check, and what the sums become.
import { numberOps } from "./numbers.js";
import type { Ops } from "./ops.js";
import { pairwiseSum } from "./pairwise.js";
import { ACCUMULATOR, type DType, type Plan } from "./plan.js";
import { ROUND } from "./scalars.js";
import { type StepInputs, type StepScalars, wholeGradient } from "./step.js";

/** What a reduction sums over the elements of a gradient, in NumPy's pairwise order. */
export type Summand = "square" | "nonFinite";

/** The arrays that a sum reads. */
export function arraysOfSum(summand: Summand, plan: Plan): readonly string[] {
  if (summand !== "square" || !plan.accumulate) return ["gradient"];
  return plan.phase === "flush" ? [ACCUMULATOR] : ["gradient", ACCUMULATOR];
}

/** One element of the sum. */
export function summandOf<V>(op: Ops<V>, summand: Summand, plan: Plan, x: StepInputs<V>, k: StepScalars<V>): V {
  // 0 for a finite number, NaN for any other: the sum is 0 only if all are finite.
  if (summand === "nonFinite") return op.sub(x.gradient, x.gradient);
  const gradient = wholeGradient(op, plan, x, k);
  return op.mul(gradient, gradient);
}

/** For clipnorm: max(sqrt(sum), clipnorm), by which `gradient * clipnorm` is divided. */
export const normLimit = <V>(op: Ops<V>, squares: V, clipnorm: V): V => op.max(op.sqrt(squares), clipnorm);

/** What scales by the norm of all need beside it. */
export type GlobalNormScalars<V> = Readonly<Record<"globalClipnorm" | "inverseGlobalClipnorm", V>>;

/** For globalClipnorm: the factor of every gradient. NaN when the norm is not finite. */
export function globalScale<V>(op: Ops<V>, squares: V, k: GlobalNormScalars<V>): V {
  const norm = op.sqrt(squares);
  const scale = op.mul(k.globalClipnorm, op.min(op.div(op.constant(1), norm), k.inverseGlobalClipnorm));
  return op.add(scale, op.sub(norm, norm));
}

/** The norm of gradients whose squares sum to these numbers, as `globalClipnorm` takes it. */
export function normOfSums(dtype: DType, squares: ArrayLike<number>): number {
  return numberOps(dtype).sqrt(pairwiseSum(ROUND[dtype], (i) => squares[i] ?? 0, squares.length));
}
