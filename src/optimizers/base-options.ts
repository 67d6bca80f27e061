// The options that every optimizer has beside its own. Their defaults and checks are in core/config.ts.
import type { LearningRateLike } from "../schedules/learning-rate-like.js";

/** The arguments of Keras' base optimizer, and two that are ours alone. `null` is Keras' None. */
export interface BaseOptions {
  /** A number, a LearningRateSchedule, or a function that is asked before each step. Default 0.001. */
  readonly learningRate?: LearningRateLike | undefined;
  /** Shrinks variables by `weightDecay * learningRate` of themselves in each update. >= 0; null for none. */
  readonly weightDecay?: number | null | undefined;
  /** Largest L2 norm of each variable's gradient. Off when null, 0 or less. */
  readonly clipnorm?: number | null | undefined;
  /** Largest absolute value of a gradient's element. Off when null, 0 or less. */
  readonly clipvalue?: number | null | undefined;
  /** Largest L2 norm of all gradients together. Off when null, 0 or less. */
  readonly globalClipnorm?: number | null | undefined;
  /** Keep an exponential moving average of the variables. Default false. */
  readonly useEma?: boolean | undefined;
  /** Weight of the old average, from 0 to 1. Default 0.99. */
  readonly emaMomentum?: number | undefined;
  /** Replace the variables by their average every so many updates. Off when null or 0. */
  readonly emaOverwriteFrequency?: number | null | undefined;
  /** The loss was multiplied by this, so gradients are divided by it. > 0; null for none. */
  readonly lossScaleFactor?: number | null | undefined;
  /** Update with the mean gradient of so many calls. >= 2; off when null or 0. */
  readonly gradientAccumulationSteps?: number | null | undefined;
  /**
   * Leave out a step with a gradient that is not finite, and count it in `optimizer.skipped`: nothing else changes. Not in Keras,
   * so `getConfig()` leaves it out; checkpoints keep it. Default false.
   */
  readonly skipNonFinite?: boolean | undefined;
  /**
   * Know `optimizer.gradientNorm` where no clip by norm computes it anyway, for one more pass over the gradients. Not in Keras, as
   * above. Default false.
   */
  readonly trackNorm?: boolean | undefined;
  /** A name without `/`; by default the class name in lower case. */
  readonly name?: string | undefined;
}

/** All options of an optimizer whose own ones have the values `Own`. */
export type OptimizerOptions<Own extends object> = BaseOptions & {
  readonly [Name in keyof Own]?: Own[Name] | undefined;
};
