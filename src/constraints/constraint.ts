// What a constraint is; the four of Keras are in index.ts.

import { camelCase, renameKeys } from "../check/names.js";
import { Unwrapped } from "../check/unwrapped.js";

/** A constraint as a plain function: gets a copy of the weights in C order and their shape, returns as many new ones. */
export type ConstraintFunction = (value: Float32Array | Float64Array, shape: readonly number[]) => ArrayLike<number>;

/** A saved constraint: Keras' own JSON, keys in snake_case. */
export type ConstraintConfig = Record<string, unknown>;

/**
 * A rule for the weights of a variable, applied after each step. Extend it with a `call` of your own, or use a plain
 * function. Those here compute in the type of the weights, as Keras does on TensorFlow; its numpy and JAX backends take
 * float64 weights through float32. Source: `keras.constraints.Constraint`.
 */
export abstract class Constraint extends Unwrapped {
  /** The name of the class in saved configs, Keras' class name. Without one of its own a class goes by its name. */
  static readonly className: string = "Constraint";

  /**
   * Whether `call` may throw on a shape that `checkShape` took: a step then keeps copies to go back to. Those of this package
   * do not, unless a class of your own that extends one of them overrides `call`.
   */
  readonly mayThrow: boolean = true;

  /** New weights, as many and of the same type as `value`, an array of `shape` in C order that stays as it is. */
  abstract call(value: Float32Array | Float64Array, shape: readonly number[]): Float32Array | Float64Array;

  /** Throws a `RangeError` if `call` could not work on this shape; for a check before anything is changed. */
  checkShape(_shape: readonly number[]): void {}

  /** The arguments that make this constraint again, as JSON in snake_case; none unless overridden. */
  getConfig(): ConstraintConfig {
    return {};
  }

  /** A constraint from what `getConfig` gave: unless overridden, the constructor gets it with its keys in camelCase. */
  static fromConfig(this: new (options: never) => Constraint, config: object): Constraint {
    return new this(renameKeys(config, camelCase) as never); // Only the class itself knows what its options are.
  }
}
