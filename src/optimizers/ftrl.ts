// Ftrl as data: follow the regularized leader, which makes weights that do not matter exactly 0.
import { defineRule, type Rule } from "../rule/rule.js";
import type { BaseOptions } from "./base-options.js";
import type { OptimizerDefinition, OptionsOf, Values } from "./definition.js";

/** Ftrl's own arguments. */
export interface FtrlOwn {
  /**
   * By which power of its sum of squared gradients a weight's rate falls: -0.5, or 0 for a rate that stays. Keras takes any power <= 0;
   * no other one is a sequence of rounded operations. Default -0.5.
   */
  readonly learningRatePower?: number | undefined;
  /** Where the sums of squared gradients begin, >= 0. Default 0.1. */
  readonly initialAccumulatorValue?: number | undefined;
  /** Weights whose sum of gradients is below it are 0; >= 0. Default 0. */
  readonly l1RegularizationStrength?: number | undefined;
  /** Pulls weights towards 0, >= 0. Default 0. */
  readonly l2RegularizationStrength?: number | undefined;
  /** As the one before, as a part of the gradient: only where there is one; >= 0. Default 0. */
  readonly l2ShrinkageRegularizationStrength?: number | undefined;
  /** Of the paper: more of it makes the first steps shorter. Default 0. */
  readonly beta?: number | undefined;
}

/** All arguments of `keras.optimizers.Ftrl`, with Keras' defaults. */
export interface FtrlOptions extends BaseOptions, FtrlOwn {}

/** The values of Ftrl's own arguments. */
export type FtrlHyper = Values<OptionsOf<FtrlOwn>>;

/** Keras has no `_` between the letter and the number. */
const strength = (keras: string) => ({ default: 0, min: 0, keras: `${keras}_regularization_strength` });

export const FTRL: OptimizerDefinition<OptionsOf<FtrlOwn>, "falls"> = {
  className: "Ftrl",
  module: "keras.optimizers",
  options: {
    learningRatePower: { default: -0.5, only: [-0.5, 0] },
    initialAccumulatorValue: { default: 0.1, min: 0 },
    l1RegularizationStrength: strength("l1"),
    l2RegularizationStrength: strength("l2"),
    l2ShrinkageRegularizationStrength: strength("l2_shrinkage"),
    beta: { default: 0 },
  },
  slots: () => [["accumulator", "linear"]],
  // Keras casts it by way of float32, for float64 variables too.
  initial: ({ initialAccumulatorValue }) => ({ accumulator: Math.fround(initialAccumulatorValue) }),
  constants: ({ l1RegularizationStrength: l1, l2ShrinkageRegularizationStrength: shrinkage }) => ({
    low: -l1,
    high: l1,
    shrinkage: 2 * shrinkage,
  }),
  perStep(op, { l2RegularizationStrength, beta }, { learningRate }) {
    const two = op.constant(2);
    const l2 = op.add(op.constant(l2RegularizationStrength), op.div(op.constant(beta), op.mul(two, learningRate)));
    // Of a rate that stays, the change: 0, and NaN for a rate of 0, which a GPU's compiler would not see.
    return { scalars: { l2: op.mul(two, l2), still: op.div(op.constant(0), learningRate) } };
  },
  facts: ({ learningRatePower }) => ({ falls: learningRatePower !== 0 }),
  rule: ftrlRule,
};

/**
 * The update rule of Keras' Ftrl (`keras/src/optimizers/ftrl.py`, `update_step`), where `power(a)` is `sqrt(a)`, or 1 for a
 * `learningRatePower` of 0:
 *
 * ```text
 * sum         = accumulator + gradient²
 * linear      = linear + (gradient + 2 * shrinkage * variable - (power(sum) - power(accumulator)) / learningRate * variable)
 * quadratic   = power(sum) / learningRate + 2 * (l2 + beta / (2 * learningRate))
 * variable    = (clip(linear, -l1, l1) - linear) / quadratic
 * accumulator = sum
 * ```
 */
function ftrlRule({ falls }: { readonly falls: boolean }): Rule {
  return defineRule({
    slots: ["accumulator", "linear"],
    scalars: ["low", "high", "shrinkage", "l2", ...(falls ? [] : (["still"] as const))],
    update(op, x, k) {
      const accumulator = op.add(x.accumulator, op.mul(x.gradient, x.gradient));
      const change = falls ? op.div(op.sub(op.sqrt(accumulator), op.sqrt(x.accumulator)), k.learningRate) : k.still;
      const gradient = op.add(x.gradient, op.mul(k.shrinkage, x.variable));
      const linear = op.add(x.linear, op.sub(gradient, op.mul(change, x.variable)));
      const quadratic = op.add(op.div(falls ? op.sqrt(accumulator) : op.constant(1), k.learningRate), k.l2);
      const variable = op.div(op.sub(op.clamp(linear, k.low, k.high), linear), quadratic);
      return { variable, accumulator, linear };
    },
  });
}
