// Adam as data: averages of gradients and of their squares, corrected for the zeros that they begin at.
import { defineRule, type Rule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** Adam's own arguments. */
export interface AdamOwn {
  /** How much of the old average of gradients is kept, from 0 to 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** How much of the old average of squared gradients is kept, from 0 to 1. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the average of squared gradients, >= 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
  /** Divide by the greatest average so far. Default false. */
  readonly amsgrad?: boolean | undefined;
}

/** All arguments of `keras.optimizers.Adam`, with Keras' defaults. */
export interface AdamOptions extends BaseOptions, AdamOwn {}

/** The values of Adam's own arguments. */
export type AdamHyper = Values<OptionsOf<AdamOwn>>;

export const ADAM: AdamDefinition = /* @__PURE__ */ adamDefinition("Adam", {
  namesake: { className: "Adam", options: {}, slots: { m: "momentum", v: "velocity" } },
});

type AdamDefinition = OptimizerDefinition<OptionsOf<AdamOwn>, "amsgrad">;

/** An optimizer with Adam's options and rule. */
export function adamDefinition(className: string, more: Pick<AdamDefinition, "namesake" | "base">): AdamDefinition {
  return {
    className,
    module: "keras.optimizers",
    options: {
      beta1: { default: 0.9, min: 0, max: 1 },
      beta2: { default: 0.999, min: 0, max: 1 },
      epsilon: { default: 1e-7, min: 0 },
      amsgrad: { default: false },
    },
    slots: ({ amsgrad }) => [["momentum", "velocity"], ...(amsgrad ? [["velocityHat"]] : [])],
    constants: ({ beta1, beta2, epsilon }) => ({ rate1: 1 - beta1, rate2: 1 - beta2, epsilon }),
    perStep(op, { beta1, beta2 }, { learningRate, update }) {
      // Keras casts the bases by way of float32, for float64 variables too.
      const correction = (beta: number) => op.sub(op.constant(1), op.power(op.constant(Math.fround(beta)), update));
      return { scalars: { alpha: op.div(op.mul(learningRate, op.sqrt(correction(beta2))), correction(beta1)) } };
    },
    facts: ({ amsgrad }) => ({ amsgrad }),
    rule: adamRule,
    ...more,
  };
}

/**
 * The update rule of Keras' Adam (`keras/src/optimizers/adam.py`, `update_step`):
 *
 * ```text
 * alpha       = learningRate * sqrt(1 - beta2 ^ t) / (1 - beta1 ^ t)
 * momentum    = momentum + (gradient  - momentum) * (1 - beta1)
 * velocity    = velocity + (gradient² - velocity) * (1 - beta2)
 * velocityHat = max(velocityHat, velocity)                                   amsgrad
 * variable    = variable - momentum * alpha / (sqrt(velocity) + epsilon)     (or velocityHat)
 * ```
 */
function adamRule({ amsgrad }: { readonly amsgrad: boolean }): Rule {
  return defineRule({
    slots: ["momentum", "velocity", ...(amsgrad ? (["velocityHat"] as const) : [])],
    scalars: ["rate1", "rate2", "epsilon", "alpha"],
    update(op, x, k) {
      const momentum = op.add(x.momentum, op.mul(op.sub(x.gradient, x.momentum), k.rate1));
      const velocity = op.add(x.velocity, op.mul(op.sub(op.mul(x.gradient, x.gradient), x.velocity), k.rate2));
      const hat = amsgrad ? { velocityHat: op.max(x.velocityHat, velocity) } : null;
      const root = op.sqrt(hat?.velocityHat ?? velocity);
      const step = op.div(op.mul(momentum, k.alpha), op.add(root, k.epsilon));
      return { variable: op.sub(x.variable, step), momentum, velocity, ...hat };
    },
  });
}
