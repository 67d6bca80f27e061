// rule/: the maths of a step, over the operations of `Ops`. It imports nothing from outside.
//
// One step of one variable: the stages in Keras' order. Every engine and every face runs this function.
import type { Ops } from "./ops.js";
import { ACCUMULATOR, AVERAGE, type Plan } from "./plan.js";
import type { Inputs, Scalars } from "./rule.js";
import * as stages from "./stages.js";

/** The arrays of a step, each there when the plan lists it. */
export type StepInputs<V> = Inputs<V, typeof ACCUMULATOR | typeof AVERAGE>;

/** The scalars of a step, each there when the plan lists it. */
export type StepScalars<V> = Scalars<V, stages.StageScalar>;

/** From the present values to the new ones. Arrays that the result does not name stay as they are. */
export function step<V>(op: Ops<V>, plan: Plan, x: StepInputs<V>, k: StepScalars<V>): Readonly<Record<string, V>> {
  const moved = PHASES[plan.phase](op, plan, x, k);
  if (!plan.average) return moved;
  const average = stages.average(op, k, x[AVERAGE], moved.variable ?? x.variable);
  return { ...moved, [AVERAGE]: average, ...(plan.overwrite && { variable: average }) };
}

/** The gradient as the clip sees it: unscaled, and the mean over the accumulated ones. */
export function wholeGradient<V>(op: Ops<V>, plan: Plan, x: StepInputs<V>, k: StepScalars<V>): V {
  if (!plan.accumulate) return ownGradient(op, plan, x, k);
  const gathered = x[ACCUMULATOR];
  return stages.mean(
    op,
    k,
    plan.phase === "flush" ? gathered : stages.accumulate(op, ownGradient(op, plan, x, k), gathered),
  );
}

type PhaseStep = <V>(op: Ops<V>, plan: Plan, x: StepInputs<V>, k: StepScalars<V>) => Readonly<Record<string, V>>;

const update: PhaseStep = (op, plan, x, k) => {
  const gradient = stages.clip(op, plan.clip, k, wholeGradient(op, plan, x, k));
  const variable = plan.decay ? stages.decay(op, k, x.variable) : x.variable;
  const moved = plan.rule.update(op, { ...x, gradient, variable }, k);
  // What the phase writes, all of it there.
  return { ...moved, ...(plan.accumulate && { [ACCUMULATOR]: op.constant(0) }) } as Readonly<
    Record<string, typeof gradient>
  >;
};

const PHASES: Readonly<Record<Plan["phase"], PhaseStep>> = {
  update,
  flush: update,
  gather: (op, plan, x, k) => ({ [ACCUMULATOR]: stages.accumulate(op, ownGradient(op, plan, x, k), x[ACCUMULATOR]) }),
  clear: (op) => ({ [ACCUMULATOR]: op.constant(0) }),
  rest: () => ({}),
};

function ownGradient<V>(op: Ops<V>, plan: Plan, x: StepInputs<V>, k: StepScalars<V>): V {
  return plan.unscale ? stages.unscale(op, k, x.gradient) : x.gradient;
}
