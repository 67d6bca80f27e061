// class RMSprop: Keras' arguments and their meaning. The formula is in rule/rmsprop.ts.
import { type RMSpropFacts, rmspropRule } from "../rule/rmsprop.js";
import type { Rule } from "../rule/rule.js";
import type { BaseOptions } from "./config.js";
import type { OptimizerDefinition } from "./definition.js";
import { Optimizer } from "./optimizer.js";

/** RMSprop's own arguments. */
export type RMSpropHyper = {
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;
};

/** All 15 arguments of `keras.optimizers.RMSprop`, with Keras' defaults. */
export interface RMSpropOptions extends BaseOptions {
  /** How much of the old average of squared gradients is kept, from 0 to 1. Default 0.9. */
  readonly rho?: number;
  /** How much of the last step is kept, >= 0. Default 0: no momentum. */
  readonly momentum?: number;
  /** Added to the average of squared gradients before its root is taken, >= 0. Default 1e-7. */
  readonly epsilon?: number;
  /** Divide by the standard deviation of the gradients instead of their root mean square. Default false. */
  readonly centered?: boolean;
}

export const RMSPROP: OptimizerDefinition<RMSpropHyper> = {
  className: "RMSprop",
  defaults: { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
  ranges: { rho: { min: 0, max: 1 }, momentum: { min: 0 }, epsilon: { min: 0 } },
  rule: ({ centered, momentum }) => ruleOf({ centered, momentum: momentum > 0 }),
  constants: ({ rho, epsilon, momentum }) => ({ rho, oneMinusRho: 1 - rho, epsilon, momentum }),
};

/**
 * The RMSprop of Keras 3, equal to it in every bit.
 *
 * It keeps a moving average of the square of each gradient, and divides the gradient by its root. Plain momentum, not
 * Nesterov's. One difference to Keras: centered, where rounding leaves a variance of zero or below, the denominator is
 * epsilon, and not NaN.
 *
 * Source: `keras.optimizers.RMSprop`; Hinton, 2012.
 *
 * @example
 * const v = new Variable(10);
 * new RMSprop({ learningRate: 0.1 }).minimize(() => ({ value: v.item() ** 2 / 2, gradients: [v.item()] }), [v]);
 * `${v}`; // 9.683772
 */
export class RMSprop extends Optimizer<RMSpropHyper> {
  constructor(options: RMSpropOptions = {}) {
    super(RMSPROP, options);
  }
}

const rules = new Map<string, Rule>();

/** One rule for each of the four sets of facts, since kernels are kept by their rule. */
function ruleOf(facts: RMSpropFacts): Rule {
  const key = `${facts.centered} ${facts.momentum}`;
  const rule = rules.get(key) ?? rmspropRule(facts);
  rules.set(key, rule);
  return rule;
}
