// The learning rate inside a compiled step: an array of the state, the formula of a schedule, or a function of the user's.
import { numpy as np } from "@jax-js/jax";
import { badKind } from "../check/errors.js";
import type { Ops } from "../rule/ops.js";
import { FormulaSchedule } from "../schedules/formula.js";
import { LearningRateSchedule } from "../schedules/index.js";
import type { LearningRateLike } from "../schedules/learning-rate-like.js";
import type { Numerics } from "./ops/numerics.js";
import { isStepAtMost, scalarOps } from "./ops/scalar-ops.js";
import type { Scope } from "./ops/scope.js";
import { isArray } from "./tree.js";

/** A schedule in the program: takes the step, an int32 that it has to use up, and gives a scalar. */
export type ScheduleFunction = (step: np.Array) => np.Array;

/** A number, a schedule of `schedules`, or a function from the step to a scalar array. */
export type GraphLearningRate = number | LearningRateSchedule | ScheduleFunction;

/** Throws for a schedule that cannot be compiled. */
export function checkCompilable(owner: string, source: GraphLearningRate | LearningRateLike): void {
  if (!(source instanceof LearningRateSchedule)) return;
  if (source instanceof FormulaSchedule && source.followsFormula) return;
  const requirement = "be a schedule of this package, or a function, to be compiled";
  const remedy = "Pass (step) => ..., which takes and gives arrays; or use class RMSprop, which asks any schedule.";
  throw badKind({ owner, argument: "learningRate", requirement, received: source, remedy });
}

/** The learning rate of a step where the state has none. */
export function scheduledRate(
  owner: string,
  scope: Scope,
  numerics: Numerics,
  op: Ops<np.Array>,
  source: Exclude<GraphLearningRate, number>,
  step: np.Array,
): np.Array {
  if (source instanceof FormulaSchedule) {
    const rounded = scope.own(step.ref.astype(np.float32));
    return source.formula(scalarOps(scope, numerics, op), rounded, (limit) => isStepAtMost(scope, step, limit));
  }
  const given: unknown = (source as ScheduleFunction)(step.ref);
  if (isArray(given)) {
    const rate = scope.own(given);
    if (rate.size === 1) return scope.own(rate.ref.reshape([]).astype(np.float32));
  }
  const requirement = "return a scalar array";
  const remedy = "A plain number would be compiled in and never change: compute with the step that it is given.";
  throw badKind({ owner, argument: "learningRate", requirement, received: given, remedy });
}
