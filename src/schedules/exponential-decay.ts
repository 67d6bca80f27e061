// ExponentialDecay: the learning rate shrinks by the same factor over every `decaySteps` steps.

import { optionsFromConfig } from "../check/arguments.js";
import type { ScalarOps } from "../rule/ops.js";
import { KEYS, StaircaseDecay } from "./staircase-decay.js";

/** The options of `ExponentialDecay`. */
export interface ExponentialDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** After so many steps the learning rate was multiplied by `decayRate` once. Greater than 0. */
  readonly decaySteps: number;
  /** The factor, 0 or more: below 1 the learning rate shrinks. */
  readonly decayRate: number;
  /** Multiply at once after every `decaySteps` steps instead of a little in each; false by default. */
  readonly staircase?: boolean;
  /** "ExponentialDecay" by default. */
  readonly name?: string;
}

const OWNER = "ExponentialDecay";

/**
 * `initialLearningRate * decayRate ** (step / decaySteps)`, the quotient rounded down if `staircase`; float32.
 * A negative `decayRate` is refused: Keras takes it and returns NaN.
 * Source: `keras.optimizers.schedules.ExponentialDecay`.
 */
export class ExponentialDecay extends StaircaseDecay {
  static override readonly className: string = OWNER;

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  constructor(options: ExponentialDecayOptions) {
    super(OWNER, options);
  }

  /** For faces, which compute it on arrays of their own. @internal */
  override formula<V>(op: ScalarOps<V>, step: V): V {
    return op.mul(op.constant(this.initialLearningRate), op.power(op.constant(this.decayRate), this.decays(op, step)));
  }

  /** The schedule with Keras' config (snake_case). Unknown keys are refused. */
  static override fromConfig(config: object): ExponentialDecay {
    return new ExponentialDecay(optionsFromConfig<ExponentialDecayOptions>(OWNER, config, KEYS));
  }
}
