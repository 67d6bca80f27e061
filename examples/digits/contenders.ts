// Who takes part: RMSprop, tf.train.rmsprop with the same settings, and RMSprop with what only this package has.
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import { EXTRAS_IN_WORDS, withExtras } from "./extras.js";
import { createRmsprop, createTfRmsprop } from "./model.js";
import type { Options } from "./options.js";
import { settingsOf } from "./report.js";

/** An optimizer that takes part. */
export interface Contender {
  readonly name: string;
  /** What its curves are labelled with, besides the kind of loss. */
  readonly label: string;
  readonly about: string;
  readonly options: Options;
  readonly createOptimizer: () => tf.Optimizer;
}

/** All that take part in a run of `steps` steps. */
export type Contenders = readonly [ours: Contender, theirs: Contender, extended: Contender];

export function contendersOf(options: Options, steps: number): Contenders {
  const { name } = options.rmsprop;
  const extended = withExtras({ ...options, checkpoint: options.checkpoint && join(options.checkpoint, "extended") });
  return [
    {
      ...{ name, label: "", about: settingsOf(options), options },
      createOptimizer: () => createRmsprop(options, steps),
    },
    {
      ...{ name: "tf.train.rmsprop", label: "", about: "the same run again: same initial weights, same batches" },
      // It cannot be saved.
      options: { ...options, checkpoint: null },
      createOptimizer: () => createTfRmsprop(options.rmsprop),
    },
    {
      ...{ name: `${name} + ${EXTRAS_IN_WORDS}`, label: `+ ${EXTRAS_IN_WORDS}`, about: settingsOf(extended) },
      options: extended,
      createOptimizer: () => createRmsprop(extended, steps),
    },
  ];
}
