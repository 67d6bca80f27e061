// Lion as data: steps by the sign of an average.
import { sign } from "../rule/ops.js";
import { defineRule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** Lion's own arguments. */
export interface LionOwn {
  /** How much the average counts beside the gradient in the direction of a step, above 0, at most 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** How much of the old average of gradients is kept, from 0 to 1. Default 0.99. */
  readonly beta2?: number | undefined;
}

/** All arguments of `keras.optimizers.Lion`, with Keras' defaults. */
export interface LionOptions extends BaseOptions, LionOwn {}

/** The values of Lion's own arguments. */
export type LionHyper = Values<OptionsOf<LionOwn>>;

const f = Math.fround; // so Keras casts the betas, for float64 variables too

/**
 * The update rule of Keras' Lion (`keras/src/optimizers/lion.py`, `update_step`):
 *
 * ```text
 * variable = variable - learningRate * sign(momentum * beta1 + gradient * (1 - beta1))
 * momentum = momentum * beta2 + gradient * (1 - beta2)
 * ```
 */
export const LION: OptimizerDefinition<OptionsOf<LionOwn>> = {
  className: "Lion",
  module: "keras.optimizers",
  options: { beta1: { default: 0.9, above: 0, max: 1 }, beta2: { default: 0.99, min: 0, max: 1 } },
  constants: ({ beta1: a, beta2: b }) => ({ beta1: f(a), beta2: f(b), rest1: 1 - f(a), rest2: 1 - f(b) }),
  rule: /* @__PURE__ */ defineRule({
    slots: ["momentum"],
    scalars: ["beta1", "beta2", "rest1", "rest2"],
    update(op, x, k) {
      const direction = op.add(op.mul(x.momentum, k.beta1), op.mul(x.gradient, k.rest1));
      const momentum = op.add(op.mul(x.momentum, k.beta2), op.mul(x.gradient, k.rest2));
      return { variable: op.sub(x.variable, op.mul(k.learningRate, sign(op, direction))), momentum };
    },
  }),
};
