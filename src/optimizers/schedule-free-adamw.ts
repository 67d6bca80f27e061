// ScheduleFreeAdamW as data: gradients are taken between a point that steps by them and the average of where it has been, which
// takes the place of a schedule.
import { defineRule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** ScheduleFreeAdamW's own arguments. */
export interface ScheduleFreeAdamWOwn {
  /** How far the variable is from the point that steps to the average of it, above 0, at most 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** How much of the old average of squared gradients is kept, from 0 to 1. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the average of squared gradients, >= 0. Default 1e-8. */
  readonly epsilon?: number | undefined;
  /** For so many updates the learning rate grows to its value, >= 0. Default 0. */
  readonly warmupSteps?: number | undefined;
}

/** All arguments of `keras.optimizers.ScheduleFreeAdamW`, with Keras' defaults: the learning rate is 0.0025. */
export interface ScheduleFreeAdamWOptions extends BaseOptions, ScheduleFreeAdamWOwn {}

/** The values of ScheduleFreeAdamW's own arguments. */
export type ScheduleFreeAdamWHyper = Values<OptionsOf<ScheduleFreeAdamWOwn>>;

const f = Math.fround; // so Keras casts betas and epsilon, for float64 variables too

/**
 * The update rule of Keras' ScheduleFreeAdamW (`keras/src/optimizers/schedule_free_adamw.py`, `update_step`):
 *
 * ```text
 * average  = (variable - (1 - beta1) * momentum) / beta1
 * velocity = velocity + (gradient² - velocity) * (1 - beta2)
 * momentum = momentum - learningRate * gradient / (sqrt(velocity / (1 - beta2 ^ t)) + epsilon)
 * average  = (1 - 1 / t) * average + 1 / t * momentum
 * variable = (1 - beta1) * momentum + beta1 * average
 * ```
 */
export const SCHEDULE_FREE_ADAMW: OptimizerDefinition<OptionsOf<ScheduleFreeAdamWOwn>> = {
  className: "ScheduleFreeAdamW",
  module: "keras.optimizers",
  options: {
    beta1: { default: 0.9, above: 0, max: 1 },
    beta2: { default: 0.999, min: 0, max: 1 },
    epsilon: { default: 1e-8, min: 0 },
    warmupSteps: { default: 0, min: 0, integer: true },
  },
  base: { learningRate: 0.0025 },
  slots: () => [["momentum", "velocity"]],
  initial: () => ({ momentum: "variable" }),
  constants: ({ beta1, beta2, epsilon }) => ({
    ...{ beta1: f(beta1), rest1: 1 - f(beta1), rest2: 1 - f(beta2), epsilon: f(epsilon) },
  }),
  perStep(op, { beta2, warmupSteps }, { learningRate, update }) {
    const one = op.constant(1);
    const weight = op.div(one, update);
    const warmth = warmupSteps > 0 ? op.min(op.div(update, op.constant(warmupSteps)), one) : null;
    return {
      scalars: {
        rate: warmth === null ? learningRate : op.mul(learningRate, warmth),
        correction: op.sub(one, op.power(op.constant(f(beta2)), update)),
        weight,
        restOfWeight: op.sub(one, weight),
      },
    };
  },
  rule: /* @__PURE__ */ defineRule({
    slots: ["momentum", "velocity"],
    scalars: ["beta1", "rest1", "rest2", "epsilon", "rate", "correction", "weight", "restOfWeight"],
    update(op, x, k) {
      const before = op.div(op.sub(x.variable, op.mul(k.rest1, x.momentum)), k.beta1);
      const velocity = op.add(x.velocity, op.mul(op.sub(op.mul(x.gradient, x.gradient), x.velocity), k.rest2));
      const root = op.sqrt(op.div(velocity, k.correction));
      const step = op.div(op.mul(k.rate, x.gradient), op.add(root, k.epsilon));
      const momentum = op.sub(x.momentum, step);
      const average = op.add(op.mul(k.restOfWeight, before), op.mul(k.weight, momentum));
      return { variable: op.add(op.mul(k.rest1, momentum), op.mul(k.beta1, average)), momentum, velocity };
    },
  }),
};
