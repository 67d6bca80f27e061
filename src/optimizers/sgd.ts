// SGD as data: gradient descent, with momentum or without.
import { defineRule, type Rule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** SGD's own arguments. */
export interface SGDOwn {
  /** How much of the last step is kept, from 0 to 1. Default 0: no momentum. */
  readonly momentum?: number | undefined;
  /** Take the step from where the momentum leads, after Nesterov. Default false. */
  readonly nesterov?: boolean | undefined;
}

/** All arguments of `keras.optimizers.SGD`, with Keras' defaults: the learning rate is 0.01. */
export interface SGDOptions extends BaseOptions, SGDOwn {}

/** The values of SGD's own arguments. */
export type SGDHyper = Values<OptionsOf<SGDOwn>>;

export const SGD_DEFINITION: OptimizerDefinition<OptionsOf<SGDOwn>, "momentum" | "nesterov"> = {
  className: "SGD",
  module: "keras.optimizers",
  options: { momentum: { default: 0, min: 0, max: 1 }, nesterov: { default: false } },
  base: { learningRate: 0.01 },
  // Keras casts it by way of float32, for float64 variables too.
  constants: ({ momentum }) => ({ momentum: Math.fround(momentum) }),
  facts: ({ momentum, nesterov }) => ({ momentum: momentum > 0, nesterov }),
  rule: ({ momentum, nesterov }) => (momentum ? withMomentum(nesterov) : PLAIN),
  namesake: { className: "SGD", options: {}, slots: {} },
};

/** `variable - gradient * learningRate` (`keras/src/optimizers/sgd.py`, `update_step`). */
const PLAIN: Rule = /* @__PURE__ */ defineRule({
  slots: [],
  scalars: [],
  update: (op, x, k) => ({ variable: op.sub(x.variable, op.mul(x.gradient, k.learningRate)) }),
});

/**
 * ```text
 * momentum = momentum * m - gradient * learningRate
 * variable = variable + momentum
 * variable = variable + (momentum * m - gradient * learningRate)             nesterov
 * ```
 */
function withMomentum(nesterov: boolean): Rule {
  return defineRule({
    slots: ["momentum"],
    scalars: ["momentum"],
    update(op, x, k) {
      const step = op.mul(x.gradient, k.learningRate);
      const momentum = op.sub(op.mul(x.momentum, k.momentum), step);
      const change = nesterov ? op.sub(op.mul(momentum, k.momentum), step) : momentum;
      return { variable: op.add(x.variable, change), momentum };
    },
  });
}
