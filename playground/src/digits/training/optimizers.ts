// The optimizers that can train the digits, as TensorFlow.js takes them.
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { learningRateOf } from "../../landscape/optimizers.js";
import { type KindName, type RunSettings, settingsOf } from "../../settings.js";

/** An optimizer with these settings, its state fresh. Throws the package's own errors. */
export function createTfOptimizer(run: RunSettings): tf.Optimizer {
  const create = CREATE[run.kind];
  if (!create) throw new RangeError(`${run.kind} cannot train the digits. Choose another optimizer.`);
  return create(run);
}

const CREATE: Readonly<Partial<Record<KindName, (run: RunSettings) => tf.Optimizer>>> = {
  // Its options are those of the table, and checked by the package.
  rmsprop: (run) => new RMSprop({ ...run.options, learningRate: learningRateOf(run) } as RMSpropOptions),
  tfjs: (run) => {
    const at = numbersOf(run);
    return tf.train.rmsprop(
      at("learningRate"),
      at("rho"),
      at("momentum"),
      at("epsilon"),
      run.options.centered === true,
    );
  },
  sgd: (run) => {
    const at = numbersOf(run);
    const momentum = at("momentum");
    return momentum === 0 ? tf.train.sgd(at("learningRate")) : tf.train.momentum(at("learningRate"), momentum);
  },
  adam: (run) => {
    const at = numbersOf(run);
    return tf.train.adam(at("learningRate"), at("beta1"), at("beta2"), at("epsilon"));
  },
};

function numbersOf({ kind, options }: RunSettings): (key: string) => number {
  const initial = settingsOf(kind).options;
  return (key) => Number(options[key] ?? initial[key]);
}
