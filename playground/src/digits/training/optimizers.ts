// The optimizers that can train the digits, as TensorFlow.js takes them.
import * as tf from "@tensorflow/tfjs-core";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Ftrl,
  Lion,
  Nadam,
  RMSprop,
  ScheduleFreeAdamW,
  SGD,
} from "rmsprop/tfjs";
import { learningRateOf } from "../../landscape/optimizers.js";
import { isOwnKind, type KindName, OWN_CLASSES, type OwnKind, type RunSettings, settingsOf } from "../../settings.js";

/** An optimizer with these settings, its state fresh. Throws the package's own errors. */
export function createTfOptimizer(run: RunSettings): tf.Optimizer {
  if (isOwnKind(run.kind)) {
    const type = OWN[OWN_CLASSES[run.kind]] as new (options: object) => tf.Optimizer; // it checks its options, whatever they are
    return new type({ ...run.options, learningRate: learningRateOf(run) });
  }
  const create = THEIRS[run.kind];
  if (!create) throw new RangeError(`${run.kind} cannot train the digits. Choose another optimizer.`);
  return create(run);
}

/** Those of the package, by their own names. */
const OWN: Readonly<Record<(typeof OWN_CLASSES)[OwnKind], unknown>> = {
  RMSprop,
  SGD,
  Adam,
  AdamW,
  Lion,
  Adagrad,
  Adadelta,
  Adamax,
  Nadam,
  Ftrl,
  ScheduleFreeAdamW,
};

const THEIRS: Readonly<Partial<Record<KindName, (run: RunSettings) => tf.Optimizer>>> = {
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
  tfsgd: (run) => {
    const at = numbersOf(run);
    const momentum = at("momentum");
    return momentum === 0 ? tf.train.sgd(at("learningRate")) : tf.train.momentum(at("learningRate"), momentum);
  },
  tfadam: (run) => {
    const at = numbersOf(run);
    return tf.train.adam(at("learningRate"), at("beta1"), at("beta2"), at("epsilon"));
  },
};

function numbersOf({ kind, options }: RunSettings): (key: string) => number {
  const initial = settingsOf(kind).options;
  return (key) => Number(options[key] ?? initial[key]);
}
