// class RMSprop of "rmsprop/tfjs": Keras' arguments, also in the config of `tf.train.rmsprop`.
import * as tf from "@tensorflow/tfjs-core";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import { Optimizer } from "./optimizer.js";

/**
 * Keras' RMSprop as a `tf.Optimizer`: for `model.compile({ optimizer: new RMSprop() })`, `minimize` and `applyGradients`.
 *
 * The same rule, options and defaults as in `"rmsprop"`, on every backend of TensorFlow.js.
 */
export class RMSprop extends Optimizer<RMSpropHyper> {
  /** The name under which models are saved. */
  static get className(): string {
    return "RMSprop";
  }

  constructor(options: RMSpropOptions = {}) {
    super(RMSPROP, options);
  }

  /** As for every optimizer; the config may be that of `tf.train.rmsprop`. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    type: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T;
  static override fromConfig<T>(this: new (options: never) => T, config: KerasConfig, customObjects?: CustomObjects): T;
  static override fromConfig(first: never, second: CustomObjects = {}): unknown {
    if (typeof first === "function") return super.fromConfig(first, withRho(second) as tf.serialization.ConfigDict);
    return super.fromConfig(withRho(first), second);
  }
}

/** How `tf.train.rmsprop` spells itself in saved models: they get Keras' RMSprop when loaded. */
export class TfRMSProp extends RMSprop {
  static override get className(): string {
    return "RMSProp";
  }

  /** Saved again, it is one of ours. */
  override getClassName(): string {
    return RMSprop.className;
  }
}

// Here rather than in register.ts, since a bundler keeps it wherever the class is used.
for (const type of [RMSprop, TfRMSProp]) tf.serialization.registerClass(type);

/** What `tf.train.rmsprop` writes, always all of them, beside the learning rate. Keras 2 writes them with a rho. */
const TF_KEYS = ["decay", "momentum", "epsilon", "centered"];

/** The config of `tf.train.rmsprop`, which calls rho decay, with its right name; any other as it is. */
function withRho(config: KerasConfig): KerasConfig {
  const isTf = typeof config === "object" && config !== null && TF_KEYS.every((key) => key in config);
  if (!isTf || "rho" in config) return config;
  const { decay: rho, ...rest } = config;
  return { ...rest, rho };
}
