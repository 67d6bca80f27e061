// Nadam as data: Adam with Nesterov's momentum, whose weight grows from step to step.
import { defineRule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** Nadam's own arguments. */
export interface NadamOwn {
  /** How much of the old average of gradients is kept, from 0 to 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** How much of the old average of squared gradients is kept, from 0 to 1. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the average of squared gradients, >= 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/** All arguments of `keras.optimizers.Nadam`, with Keras' defaults. */
export interface NadamOptions extends BaseOptions, NadamOwn {}

/** The values of Nadam's own arguments. */
export type NadamHyper = Values<OptionsOf<NadamOwn>>;

const f = Math.fround; // so Keras casts betas and decay, for float64 variables too

/**
 * The update rule of Keras' Nadam (`keras/src/optimizers/nadam.py`, `update_step`):
 *
 * ```text
 * u(t)     = beta1 * (1 - 0.5 * 0.96 ^ t)
 * product  = product * u(t)
 * momentum = momentum + (gradient  - momentum) * (1 - beta1)
 * velocity = velocity + (gradient² - velocity) * (1 - beta2)
 * ahead    = u(t+1) * momentum / (1 - product * u(t+1)) + (1 - u(t)) * gradient / (1 - product)
 * variable = variable - ahead * learningRate / (sqrt(velocity / (1 - beta2 ^ t)) + epsilon)
 * ```
 */
export const NADAM: OptimizerDefinition<OptionsOf<NadamOwn>> = {
  className: "Nadam",
  module: "keras.optimizers",
  options: {
    beta1: { default: 0.9, min: 0, max: 1 },
    beta2: { default: 0.999, min: 0, max: 1 },
    epsilon: { default: 1e-7, min: 0 },
  },
  slots: () => [["momentum", "velocity"]],
  state: { uProduct: 1 },
  constants: ({ beta1, beta2, epsilon }) => ({ rate1: 1 - f(beta1), rate2: 1 - f(beta2), epsilon }),
  perStep(op, { beta1, beta2 }, { update, state: { uProduct = op.constant(1) } }) {
    const [one, half] = [op.constant(1), op.constant(0.5)];
    const growth = (step: typeof update) => op.sub(one, op.mul(half, op.power(op.constant(f(0.96)), step)));
    const weightAt = (step: typeof update) => op.mul(op.constant(f(beta1)), growth(step));
    // The product is the one number that Keras makes in another order, and of the beta itself.
    const product = op.mul(op.mul(uProduct, op.constant(beta1)), growth(update));
    const next = weightAt(op.add(update, one));
    return {
      scalars: {
        next,
        rest: op.sub(one, weightAt(update)),
        restOfNextProduct: op.sub(one, op.mul(product, next)),
        restOfProduct: op.sub(one, product),
        correction: op.sub(one, op.power(op.constant(f(beta2)), update)),
      },
      state: { uProduct: product },
    };
  },
  rule: /* @__PURE__ */ defineRule({
    slots: ["momentum", "velocity"],
    scalars: ["rate1", "rate2", "epsilon", "next", "rest", "restOfNextProduct", "restOfProduct", "correction"],
    update(op, x, k) {
      const momentum = op.add(x.momentum, op.mul(op.sub(x.gradient, x.momentum), k.rate1));
      const velocity = op.add(x.velocity, op.mul(op.sub(op.mul(x.gradient, x.gradient), x.velocity), k.rate2));
      const ahead = op.add(
        op.div(op.mul(k.next, momentum), k.restOfNextProduct),
        op.div(op.mul(k.rest, x.gradient), k.restOfProduct),
      );
      const root = op.sqrt(op.div(velocity, k.correction));
      const step = op.div(op.mul(ahead, k.learningRate), op.add(root, k.epsilon));
      return { variable: op.sub(x.variable, step), momentum, velocity };
    },
  }),
};
