// The four constraints of Keras. What they compute is in rule/constraint-formula.ts.

import { Argument } from "../check/argument.js";
import { floatTypeOf, ownCopy } from "../check/built-ins.js";
import type { EarlierOptions } from "../check/option-table.js";
import { notNegative } from "../rule/constraint-formula.js";
import { numberOps } from "../rule/numbers.js";
import { type Axis, checkAxis } from "./axis-norm.js";
import { Constraint } from "./constraint.js";
import { constraintWith, type NormConstraintClass } from "./norm-constraint.js";

/** Weights of 0 or more: negative ones, and -0, become 0; NaN stays. Source: `keras.constraints.NonNeg`. */
export class NonNeg extends Constraint {
  static override readonly className: string = "NonNeg";
  override readonly mayThrow: boolean = this.call !== NonNeg.prototype.call;

  override call(value: Float32Array | Float64Array, _shape?: readonly number[]): Float32Array | Float64Array {
    const op = numberOps(floatTypeOf(value));
    const result = ownCopy(value);
    for (let i = 0; i < result.length; i++) result[i] = notNegative(op, result[i] ?? 0);
    return result;
  }

  static override fromConfig(config: object): NonNeg {
    new Argument("NonNeg", "config").keys(config, []);
    return new NonNeg();
  }
}

/** The options of `MaxNorm`. */
export interface MaxNormOptions extends UnitNormOptions {
  /** The greatest norm allowed, 0 or more; 2 by default. */
  readonly maxValue?: number | undefined;
}

const MaxNormBase: NormConstraintClass<MaxNormOptions> = /* @__PURE__ */ constraintWith("MaxNorm", {
  maxValue: { min: 0, default: 2 },
  axis: { check: checkAxis, default: 0 },
});

/**
 * Norms of at most `maxValue`: `weight * (min(norm, maxValue) / (1e-7 + norm))`. The 1e-7 changes norms that are small
 * enough already a little, as in Keras. Source: `keras.constraints.MaxNorm`.
 */
export class MaxNorm extends MaxNormBase {}

/** The options of `UnitNorm`. */
export interface UnitNormOptions {
  /** The axes that one norm is taken over; 0 by default: for a Dense kernel, the weights that enter one unit. */
  readonly axis?: Axis | undefined;
}

const UnitNormBase: NormConstraintClass<UnitNormOptions> = /* @__PURE__ */ constraintWith("UnitNorm", {
  axis: { check: checkAxis, default: 0 },
});

/** Norms of 1: `weight / (1e-7 + norm)`. Source: `keras.constraints.UnitNorm`. */
export class UnitNorm extends UnitNormBase {}

/** The options of `MinMaxNorm`. */
export interface MinMaxNormOptions extends UnitNormOptions {
  /** The least norm allowed, 0 or more and at most `maxValue`; 0 by default. */
  readonly minValue?: number | undefined;
  /** The greatest norm allowed; 1 by default. */
  readonly maxValue?: number | undefined;
  /** How much of the way to an allowed norm is taken in one step, from 0 to 1; 1 by default. */
  readonly rate?: number | undefined;
}

const MinMaxNormBase: NormConstraintClass<MinMaxNormOptions> = /* @__PURE__ */ constraintWith("MinMaxNorm", {
  minValue: { min: 0, default: 0 },
  maxValue: { check: checkGreatest, default: 1 },
  rate: { min: 0, max: 1, default: 1 },
  axis: { check: checkAxis, default: 0 },
});

/**
 * Norms between `minValue` and `maxValue`, or on the way there:
 * `weight * ((rate * clip(norm, minValue, maxValue) + (1 - rate) * norm) / (1e-7 + norm))`.
 * Limits in the wrong order are refused; Keras takes them. Source: `keras.constraints.MinMaxNorm`.
 */
export class MinMaxNorm extends MinMaxNormBase {}

function checkGreatest(argument: Argument, value: unknown, _rule: object, { minValue }: EarlierOptions): number {
  return argument.number(value, { min: minValue as number }); // checked before
}
