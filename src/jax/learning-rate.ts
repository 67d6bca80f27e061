// The learning rate inside a compiled step: an array of the state, the formula of a schedule, or a function of the user's.

import { numpy as np } from "@jax-js/jax";
import { type Argument, Verbatim } from "../check/argument.js";
import { FormulaSchedule } from "../schedules/formula.js";
import { LearningRateSchedule } from "../schedules/index.js";
import type { LearningRateLike } from "../schedules/learning-rate-like.js";
import { type ArrayOps, whole } from "./ops/ops.js";
import { checkedScalar, isArray } from "./tree.js";

/** A schedule in the program: takes the step, an int32 that it has to use up, and gives a scalar. */
export type ScheduleFunction = (step: np.Array) => np.Array;

/** A number, a schedule of `schedules`, or a function from the step to a scalar array. */
export type GraphLearningRate = number | LearningRateSchedule | ScheduleFunction;

/** Throws for a schedule that cannot be compiled, and for an array, which no program would ever give back */
export function checkCompilable(argument: Argument, source: GraphLearningRate | LearningRateLike | undefined): void {
  if (isArray(source)) {
    const requirement = "be a number, a schedule or a function among the options";
    throw argument.badKind(requirement, new Verbatim("an array"), "Pass an array to init(params, learningRate).");
  }
  if (!(source instanceof LearningRateSchedule)) return;
  if (source instanceof FormulaSchedule && source.followsFormula) return;
  const remedy = "Pass (step) => ..., which takes and gives arrays; or use class RMSprop, which asks any schedule.";
  throw argument.badKind("be a schedule of this package, or a function, to be compiled", source, remedy);
}

/** Throws unless an array can be the learning rate of a state: those of schedules have none. */
export function checkRate(argument: Argument, rate: unknown, option: GraphLearningRate): void {
  checkedScalar(argument, rate, np.float32);
  if (typeof option === "number") return;
  const remedy = "Or leave those out, and put each step's rate into the state: see docs/jax.md.";
  throw argument.badKind("be left out: the options have a schedule or a function", new Verbatim("an array"), remedy);
}

/** The learning rate of a step where the state has none: of a schedule or a function. */
export function scheduledRate(argument: Argument, op: ArrayOps, source: GraphLearningRate, step: np.Array): np.Array {
  if (source instanceof FormulaSchedule) {
    return source.formula(op, op.own(step.ref.astype(np.float32)), (limit) => {
      const last = Math.min(Math.floor(limit), 2 ** 31 - 1); // at most 2.5 is at most 2
      return op.own(np.lessEqual(step.ref, whole(last)));
    });
  }
  const given: unknown = (source as ScheduleFunction)(step.ref); // other schedules were refused
  if (isArray(given)) {
    const rate = op.own(given);
    if (rate.size === 1) return op.own(rate.ref.reshape([]).astype(np.float32));
  }
  const remedy = "A plain number would be compiled in and never change: compute with the step that it is given.";
  throw argument.badKind("return a scalar array", given, remedy);
}
