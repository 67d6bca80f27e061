// RMSprop as data: Keras' arguments, the rule, and the scalars that it needs. What happens to the gradient before the rule, and
// to the variable after it, is in rule/stages.ts.
import type { Ops } from "../rule/ops.js";
import type { Inputs, Outputs, Rule, Scalars } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** RMSprop's own arguments. */
export interface RMSpropOwn {
  /** How much of the old average of squared gradients is kept, from 0 to 1. Default 0.9. */
  readonly rho?: number | undefined;
  /** How much of the last step is kept, >= 0. Default 0: no momentum. */
  readonly momentum?: number | undefined;
  /** Added to the average of squared gradients before its root is taken, >= 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
  /** Divide by the standard deviation of the gradients instead of their root mean square. Default false. */
  readonly centered?: boolean | undefined;
}

/** All 15 arguments of `keras.optimizers.RMSprop`, with Keras' defaults. */
export interface RMSpropOptions extends BaseOptions, RMSpropOwn {}

/** The values of RMSprop's own arguments. */
export type RMSpropHyper = Values<OptionsOf<RMSpropOwn>>;

export const RMSPROP: OptimizerDefinition<OptionsOf<RMSpropOwn>, keyof RMSpropFacts> = {
  className: "RMSprop",
  module: "keras.optimizers",
  options: {
    rho: { default: 0.9, min: 0, max: 1 },
    momentum: { default: 0, min: 0 },
    epsilon: { default: 1e-7, min: 0 },
    centered: { default: false },
  },
  constants: ({ rho, epsilon, momentum }) => ({ rho, oneMinusRho: 1 - rho, epsilon, momentum }),
  facts: ({ centered, momentum }) => ({ centered, momentum: momentum > 0 }),
  rule: rmspropRule,
  namesake: {
    className: "RMSProp",
    options: { decay: "rho" },
    slots: { rms: "velocity", momentum: "momentum", mg: "averageGradient" },
  },
};

/** The facts that choose one of the four RMSprop kernels. */
export interface RMSpropFacts {
  readonly centered: boolean;
  readonly momentum: boolean;
}

type Slot = "velocity" | "momentum" | "averageGradient";
type Scalar = "rho" | "oneMinusRho" | "epsilon" | "momentum";

/**
 * The update rule of Keras' RMSprop (`keras/src/optimizers/rmsprop.py`, `update_step`):
 *
 * ```text
 * velocity        = rho * velocity + (1 - rho) * gradient²
 * averageGradient = rho * averageGradient + (1 - rho) * gradient             centered
 * denominator     = velocity + epsilon
 * denominator     = velocity - averageGradient² + epsilon                    centered
 * increment       = learningRate * gradient / sqrt(denominator)
 * momentum        = momentum * momentum + increment                          momentum > 0
 * variable        = variable - increment  (or - momentum)
 * ```
 *
 * One difference: where `velocity - averageGradient² + epsilon` is rounded to zero or below, Keras divides by zero or
 * takes the root of a negative number, and the variable is lost. Here the denominator is epsilon there; NaN stays NaN.
 */
export function rmspropRule(has: RMSpropFacts): Rule<Slot, Scalar> {
  const ofMomentum = has.momentum ? (["momentum"] as const) : [];
  return {
    slots: ["velocity", ...ofMomentum, ...(has.centered ? (["averageGradient"] as const) : [])],
    scalars: ["rho", "oneMinusRho", "epsilon", ...ofMomentum],
    update<V>(op: Ops<V>, x: Inputs<V, Slot>, k: Scalars<V, Scalar>): Outputs<V, Slot> {
      const velocity = discounted(op, k, x.velocity, op.mul(x.gradient, x.gradient));
      const center = has.centered ? { averageGradient: discounted(op, k, x.averageGradient, x.gradient) } : null;
      const denominator = center ? variance(op, k, velocity, center.averageGradient) : op.add(velocity, k.epsilon);
      const increment = op.div(op.mul(k.learningRate, x.gradient), op.sqrt(denominator));
      if (!has.momentum) return { variable: op.sub(x.variable, increment), velocity, ...center };
      const momentum = op.add(op.mul(k.momentum, x.momentum), increment);
      return { variable: op.sub(x.variable, momentum), velocity, momentum, ...center };
    },
  };
}

/** rho * old + (1 - rho) * now */
function discounted<V>(op: Ops<V>, k: Scalars<V, Scalar>, old: V, now: V): V {
  return op.add(op.mul(k.rho, old), op.mul(k.oneMinusRho, now));
}

/** velocity - averageGradient² + epsilon, or epsilon where that is not above zero. */
function variance<V>(op: Ops<V>, k: Scalars<V, Scalar>, velocity: V, averageGradient: V): V {
  // Computed as epsilon - (averageGradient² - velocity), which has the same bits: signs do not change how a sum is rounded.
  const excess = op.sub(op.mul(averageGradient, averageGradient), velocity);
  return op.sub(k.epsilon, op.select(op.lessOrEqual(k.epsilon, excess), op.constant(0), excess));
}
