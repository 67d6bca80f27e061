// Adagrad as data: each step is divided by the root of the sum of all squared gradients so far.
import { defineRule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** Adagrad's own arguments. */
export interface AdagradOwn {
  /** Where the sums of squared gradients begin, >= 0. Default 0.1. */
  readonly initialAccumulatorValue?: number | undefined;
  /** Added to the sum of squared gradients before its root is taken, >= 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/** All arguments of `keras.optimizers.Adagrad`, with Keras' defaults. */
export interface AdagradOptions extends BaseOptions, AdagradOwn {}

/** The values of Adagrad's own arguments. */
export type AdagradHyper = Values<OptionsOf<AdagradOwn>>;

/**
 * The update rule of Keras' Adagrad (`keras/src/optimizers/adagrad.py`, `update_step`):
 *
 * ```text
 * accumulator = accumulator + gradient²
 * variable    = variable - learningRate * gradient / sqrt(accumulator + epsilon)
 * ```
 */
export const ADAGRAD: OptimizerDefinition<OptionsOf<AdagradOwn>> = {
  className: "Adagrad",
  module: "keras.optimizers",
  options: { initialAccumulatorValue: { default: 0.1, min: 0 }, epsilon: { default: 1e-7, min: 0 } },
  // Keras casts it by way of float32, for float64 variables too.
  initial: ({ initialAccumulatorValue }) => ({ accumulator: Math.fround(initialAccumulatorValue) }),
  constants: ({ epsilon }) => ({ epsilon }),
  rule: /* @__PURE__ */ defineRule({
    slots: ["accumulator"],
    scalars: ["epsilon"],
    update(op, x, k) {
      const accumulator = op.add(x.accumulator, op.mul(x.gradient, x.gradient));
      const step = op.div(op.mul(k.learningRate, x.gradient), op.sqrt(op.add(accumulator, k.epsilon)));
      return { variable: op.sub(x.variable, step), accumulator };
    },
  }),
  namesake: { className: "Adagrad", options: {}, slots: { accumulator: "accumulator" } },
};
