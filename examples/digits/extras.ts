// What the third run has and tf.train.rmsprop has not, with the numbers that tune.ts chose.
import { changedArguments, type Options, type RmspropChoices } from "./options.js";

/** A cosine schedule from this learning rate on, averages of the weights, and weight decay. */
export const EXTRAS = {
  learningRate: 0.032,
  weightDecay: 0.1,
  useEma: true,
  emaMomentum: 0.99,
} satisfies Partial<RmspropChoices>;

/** The constant learning rate that does best without them. */
export const BEST_CONSTANT_RATE = 0.008;

/** The extras in words, as they stand behind the name of an optimizer. */
export const EXTRAS_IN_WORDS = "cosine + EMA + decay";

/** `options` with the extras. What the command line changed stays. */
export function withExtras(options: Options): Options {
  const changed = changedArguments(options.rmsprop).map((key) => [key, options.rmsprop[key]]);
  return {
    ...options,
    schedule: "cosine",
    rmsprop: { ...options.rmsprop, ...EXTRAS, ...Object.fromEntries(changed) },
  };
}
