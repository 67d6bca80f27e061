// What ExponentialDecay and InverseTimeDecay share: their options, and how often a step has decayed.
import { checkBoolean, checkNumber } from "../check/arguments.js";
import type { ScalarOps } from "../rule/ops.js";
import { type FormulaClass, nameRule, scheduleWith } from "./formula.js";

interface StaircaseOptions {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  readonly staircase?: boolean;
  readonly name?: string;
}

/** The class of schedules with these options. */
export function staircaseSchedule(owner: string): FormulaClass<StaircaseOptions> {
  return scheduleWith(owner, {
    initialLearningRate: { check: checkNumber },
    decaySteps: { check: checkNumber, above: 0 },
    decayRate: { check: checkNumber, min: 0 },
    staircase: { check: checkBoolean, default: false },
    name: nameRule(owner),
  });
}

/** `step / decaySteps`, rounded down if `staircase`. */
export function decaysAt<V>(
  op: ScalarOps<V>,
  { decaySteps, staircase }: Pick<Required<StaircaseOptions>, "decaySteps" | "staircase">,
  step: V,
): V {
  const exact = op.div(step, op.constant(decaySteps));
  return staircase ? op.floor(exact) : exact;
}
