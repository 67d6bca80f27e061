// The four constraints of Keras. How norms are summed is in axis-norm.ts.

import { checkKnownKeys, checkNumber, configFromFields, optionsFromConfig } from "../check/arguments.js";
import { ownCopy } from "../check/built-ins.js";
import { type Axis, checkAxis, mapByNorm, reducedAxes } from "./axis-norm.js";
import { Constraint, type ConstraintConfig } from "./constraint.js";

/** Weights of 0 or more: negative ones, and -0, become 0; NaN stays. Source: `keras.constraints.NonNeg`. */
export class NonNeg extends Constraint {
  static override readonly className: string = "NonNeg";
  override readonly mayThrow: boolean = this.call !== NonNeg.prototype.call;

  override call(value: Float32Array | Float64Array, _shape?: readonly number[]): Float32Array | Float64Array {
    return ownCopy(value).map((weight: number) => Math.max(weight, 0));
  }

  static override fromConfig(config: object): NonNeg {
    checkKnownKeys("NonNeg", config, [], "config");
    return new NonNeg();
  }
}

const KEYS = {
  MaxNorm: ["maxValue", "axis"],
  UnitNorm: ["axis"],
  MinMaxNorm: ["minValue", "maxValue", "rate", "axis"],
} as const;

// Keras adds it to a norm before it divides.
const EPSILON = 1e-7;

/** The options of `MaxNorm`. */
export interface MaxNormOptions {
  /** The greatest norm allowed, 0 or more; 2 by default. */
  readonly maxValue?: number;
  /** The axes that one norm is taken over; 0 by default: for a Dense kernel, the weights that enter one unit. */
  readonly axis?: Axis;
}

/**
 * Norms of at most `maxValue`: `weight * (min(norm, maxValue) / (1e-7 + norm))`. The 1e-7 changes norms that are small
 * enough already a little, as in Keras. Source: `keras.constraints.MaxNorm`.
 */
export class MaxNorm extends Constraint {
  static override readonly className: string = "MaxNorm";
  override readonly mayThrow: boolean = this.call !== MaxNorm.prototype.call;
  readonly maxValue: number;
  readonly axis: Axis;

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  constructor(options: MaxNormOptions = {}) {
    checkKnownKeys("MaxNorm", options, KEYS.MaxNorm);
    const { maxValue = 2, axis = 0 } = options;
    super();
    this.maxValue = checkNumber("MaxNorm", "maxValue", maxValue, { min: 0 });
    this.axis = checkAxis("MaxNorm", axis);
  }

  override call(value: Float32Array | Float64Array, shape: readonly number[]): Float32Array | Float64Array {
    const cell = (norm: number, round: Round): number =>
      round(clip(norm, 0, round(this.maxValue)) / round(round(EPSILON) + norm));
    return mapByNorm("MaxNorm", value, { shape, axis: this.axis }, { cell, weight: multiply });
  }

  override checkShape(shape: readonly number[]): void {
    reducedAxes("MaxNorm", this.axis, shape);
  }

  override getConfig(): ConstraintConfig {
    return configFromFields(this, KEYS.MaxNorm);
  }

  static override fromConfig(config: object): MaxNorm {
    return new MaxNorm(optionsFromConfig<MaxNormOptions>("MaxNorm", config, KEYS.MaxNorm));
  }
}

/** The options of `UnitNorm`. */
export interface UnitNormOptions {
  /** The axes that one norm is taken over; 0 by default: for a Dense kernel, the weights that enter one unit. */
  readonly axis?: Axis;
}

/** Norms of 1: `weight / (1e-7 + norm)`. Source: `keras.constraints.UnitNorm`. */
export class UnitNorm extends Constraint {
  static override readonly className: string = "UnitNorm";
  override readonly mayThrow: boolean = this.call !== UnitNorm.prototype.call;
  readonly axis: Axis;

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  constructor(options: UnitNormOptions = {}) {
    checkKnownKeys("UnitNorm", options, KEYS.UnitNorm);
    const { axis = 0 } = options;
    super();
    this.axis = checkAxis("UnitNorm", axis);
  }

  override call(value: Float32Array | Float64Array, shape: readonly number[]): Float32Array | Float64Array {
    const cell = (norm: number, round: Round): number => round(round(EPSILON) + norm);
    return mapByNorm("UnitNorm", value, { shape, axis: this.axis }, { cell, weight: divide });
  }

  override checkShape(shape: readonly number[]): void {
    reducedAxes("UnitNorm", this.axis, shape);
  }

  override getConfig(): ConstraintConfig {
    return configFromFields(this, KEYS.UnitNorm);
  }

  static override fromConfig(config: object): UnitNorm {
    return new UnitNorm(optionsFromConfig<UnitNormOptions>("UnitNorm", config, KEYS.UnitNorm));
  }
}

/** The options of `MinMaxNorm`. */
export interface MinMaxNormOptions {
  /** The least norm allowed, 0 or more and at most `maxValue`; 0 by default. */
  readonly minValue?: number;
  /** The greatest norm allowed; 1 by default. */
  readonly maxValue?: number;
  /** How much of the way to an allowed norm is taken in one step, from 0 to 1; 1 by default. */
  readonly rate?: number;
  /** The axes that one norm is taken over; 0 by default: for a Dense kernel, the weights that enter one unit. */
  readonly axis?: Axis;
}

/**
 * Norms between `minValue` and `maxValue`, or on the way there:
 * `weight * ((rate * clip(norm, minValue, maxValue) + (1 - rate) * norm) / (1e-7 + norm))`.
 * Limits in the wrong order are refused; Keras takes them. Source: `keras.constraints.MinMaxNorm`.
 */
export class MinMaxNorm extends Constraint {
  static override readonly className: string = "MinMaxNorm";
  override readonly mayThrow: boolean = this.call !== MinMaxNorm.prototype.call;
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;
  readonly axis: Axis;

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  constructor(options: MinMaxNormOptions = {}) {
    checkKnownKeys("MinMaxNorm", options, KEYS.MinMaxNorm);
    const { minValue = 0, maxValue = 1, rate = 1, axis = 0 } = options;
    super();
    this.minValue = checkNumber("MinMaxNorm", "minValue", minValue, { min: 0 });
    this.maxValue = checkNumber("MinMaxNorm", "maxValue", maxValue, { min: this.minValue });
    this.rate = checkNumber("MinMaxNorm", "rate", rate, { min: 0, max: 1 });
    this.axis = checkAxis("MinMaxNorm", axis);
  }

  override call(value: Float32Array | Float64Array, shape: readonly number[]): Float32Array | Float64Array {
    const cell = (norm: number, round: Round): number => {
      const allowed = round(round(this.rate) * clip(norm, round(this.minValue), round(this.maxValue)));
      const desired = round(allowed + round(round(1 - this.rate) * norm));
      return round(desired / round(round(EPSILON) + norm));
    };
    return mapByNorm("MinMaxNorm", value, { shape, axis: this.axis }, { cell, weight: multiply });
  }

  override checkShape(shape: readonly number[]): void {
    reducedAxes("MinMaxNorm", this.axis, shape);
  }

  override getConfig(): ConstraintConfig {
    return configFromFields(this, KEYS.MinMaxNorm);
  }

  static override fromConfig(config: object): MinMaxNorm {
    return new MinMaxNorm(optionsFromConfig<MinMaxNormOptions>("MinMaxNorm", config, KEYS.MinMaxNorm));
  }
}

type Round = (x: number) => number;

const multiply = (weight: number, factor: number): number => weight * factor;
const divide = (weight: number, divisor: number): number => weight / divisor;

// A NaN stays NaN, as in NumPy.
const clip = (x: number, min: number, max: number): number => Math.min(Math.max(x, min), max);
