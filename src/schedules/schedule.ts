// What a learning rate schedule is; the six schedules of Keras lie beside this file, one file each.

import { Argument } from "../check/argument.js";
import { camelCase, classNameOf, renameKeys } from "../check/names.js";
import { Unwrapped } from "../check/unwrapped.js";

/** A saved schedule: Keras' own JSON, keys in snake_case. */
export type ScheduleConfig = Record<string, unknown>;

/**
 * A learning rate that depends on the step. Extend it with a `call` of your own and pass an instance as `learningRate`:
 * `class Halving extends LearningRateSchedule { call(step: number) { return 0.1 / (step + 1); } }`.
 *
 * To save an optimizer that uses it, override `getConfig` too, and set a static `className` if your code is minified.
 * Source: `keras.optimizers.schedules.LearningRateSchedule`.
 */
export abstract class LearningRateSchedule extends Unwrapped {
  /** The name of the class in saved configs, Keras' class name. Without one of its own a class goes by its name. */
  static readonly className: string = "LearningRateSchedule";

  /** The name of this schedule; unless given, the name of its class. */
  readonly name: string;

  /** A `TypeError` for a `name` that is no string, a `RangeError` for one with a slash. Keras 2 wrote null for none. */
  constructor(name?: string | null) {
    super();
    const owner = classNameOf(new.target);
    this.name = new Argument(owner, "name").kerasName(name ?? owner);
  }

  /**
   * The learning rate at `step`, the number of `apply` calls made before: 0 in the first. Keras' `__call__`.
   * Under gradient accumulation micro-steps count too.
   */
  abstract call(step: number): number;

  /** The arguments that make this schedule again, as JSON in snake_case. A schedule of your own has to override it. */
  getConfig(): ScheduleConfig {
    const owner = classNameOf(this.constructor);
    throw new TypeError(
      `${owner}: getConfig must be overridden to save this schedule. Return the constructor's options.`,
    );
  }

  /**
   * A schedule from what `getConfig` gave. Unless overridden, the keys are turned into camelCase and passed to the
   * constructor as one object.
   */
  static fromConfig(this: new (options: never) => LearningRateSchedule, config: object): LearningRateSchedule {
    const options = renameKeys(config, camelCase) as never; // Only the class itself knows what its options are.
    return new this(options);
  }
}
