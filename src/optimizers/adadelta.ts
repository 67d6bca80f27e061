// Adadelta as data: steps in the measure of the steps before, by averages of their squares and of those of the gradients.
import { defineRule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** Adadelta's own arguments. */
export interface AdadeltaOwn {
  /** How much of the old averages is kept, from 0 to 1. Default 0.95. */
  readonly rho?: number | undefined;
  /** Added to both averages before their roots are taken, >= 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/** All arguments of `keras.optimizers.Adadelta`, with Keras' defaults. The original paper has a learning rate of 1. */
export interface AdadeltaOptions extends BaseOptions, AdadeltaOwn {}

/** The values of Adadelta's own arguments. */
export type AdadeltaHyper = Values<OptionsOf<AdadeltaOwn>>;

/**
 * The update rule of Keras' Adadelta (`keras/src/optimizers/adadelta.py`, `update_step`):
 *
 * ```text
 * accumulatedGrad     = rho * accumulatedGrad + (1 - rho) * gradient²
 * delta               = sqrt(accumulatedDeltaVar + epsilon) * gradient / sqrt(accumulatedGrad + epsilon)
 * accumulatedDeltaVar = rho * accumulatedDeltaVar + (1 - rho) * delta²
 * variable            = variable - learningRate * delta
 * ```
 */
export const ADADELTA: OptimizerDefinition<OptionsOf<AdadeltaOwn>> = {
  className: "Adadelta",
  module: "keras.optimizers",
  options: { rho: { default: 0.95, min: 0, max: 1 }, epsilon: { default: 1e-7, min: 0 } },
  slots: () => [["accumulatedGrad", "accumulatedDeltaVar"]],
  constants: ({ rho, epsilon }) => ({ rho, rest: 1 - rho, epsilon }),
  rule: /* @__PURE__ */ defineRule({
    slots: ["accumulatedGrad", "accumulatedDeltaVar"],
    scalars: ["rho", "rest", "epsilon"],
    update(op, x, k) {
      const squared = op.mul(x.gradient, x.gradient);
      const accumulatedGrad = op.add(op.mul(k.rho, x.accumulatedGrad), op.mul(k.rest, squared));
      const measure = op.sqrt(op.add(x.accumulatedDeltaVar, k.epsilon));
      // Keras negates it here and adds it below, which rounds alike.
      const delta = op.div(op.mul(measure, x.gradient), op.sqrt(op.add(accumulatedGrad, k.epsilon)));
      const accumulatedDeltaVar = op.add(op.mul(k.rho, x.accumulatedDeltaVar), op.mul(k.rest, op.mul(delta, delta)));
      return { variable: op.sub(x.variable, op.mul(k.learningRate, delta)), accumulatedGrad, accumulatedDeltaVar };
    },
  }),
  namesake: {
    className: "Adadelta",
    options: {},
    slots: { accum_grad: "accumulatedGrad", accum_var: "accumulatedDeltaVar" },
  },
};
