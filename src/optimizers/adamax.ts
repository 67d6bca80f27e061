// Adamax as data: Adam with the greatest gradient so far, which fades, in place of a root mean square.
import { defineRule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** Adamax' own arguments. */
export interface AdamaxOwn {
  /** How much of the old average of gradients is kept, from 0 to 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** How much of the old greatest gradient is kept, from 0 to 1. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the greatest gradient, >= 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/** All arguments of `keras.optimizers.Adamax`, with Keras' defaults. */
export interface AdamaxOptions extends BaseOptions, AdamaxOwn {}

/** The values of Adamax' own arguments. */
export type AdamaxHyper = Values<OptionsOf<AdamaxOwn>>;

/**
 * The update rule of Keras' Adamax (`keras/src/optimizers/adamax.py`, `update_step`):
 *
 * ```text
 * momentum = momentum + (gradient - momentum) * (1 - beta1)
 * norm     = max(beta2 * norm, |gradient|)
 * variable = variable - learningRate * momentum / ((1 - beta1 ^ t) * (norm + epsilon))
 * ```
 */
export const ADAMAX: OptimizerDefinition<OptionsOf<AdamaxOwn>> = {
  className: "Adamax",
  module: "keras.optimizers",
  options: {
    beta1: { default: 0.9, min: 0, max: 1 },
    beta2: { default: 0.999, min: 0, max: 1 },
    epsilon: { default: 1e-7, min: 0 },
  },
  slots: () => [["momentum", "norm"]],
  constants: ({ beta1, beta2, epsilon }) => ({ rate1: 1 - beta1, beta2, epsilon }),
  perStep(op, { beta1 }, { update }) {
    // Keras casts the base by way of float32, for float64 variables too.
    const power = op.power(op.constant(Math.fround(beta1)), update);
    return { scalars: { correction: op.sub(op.constant(1), power) } };
  },
  rule: /* @__PURE__ */ defineRule({
    slots: ["momentum", "norm"],
    scalars: ["rate1", "beta2", "epsilon", "correction"],
    update(op, x, k) {
      const momentum = op.add(x.momentum, op.mul(op.sub(x.gradient, x.momentum), k.rate1));
      const norm = op.max(op.mul(k.beta2, x.norm), op.abs(x.gradient));
      const divisor = op.mul(k.correction, op.add(norm, k.epsilon));
      return { variable: op.sub(x.variable, op.div(op.mul(k.learningRate, momentum), divisor)), momentum, norm };
    },
  }),
  namesake: { className: "Adamax", options: {}, slots: { m: "momentum", v: "norm" } },
};
