// class RMSprop of "rmsprop/tfjs": Keras' arguments, also in the config of `tf.train.rmsprop`.
import type * as tf from "@tensorflow/tfjs-core";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizer/rmsprop.js";
import type { CustomObjects, KerasConfig } from "../optimizer/serialization.js";
import { Optimizer } from "./optimizer.js";

/**
 * Keras' RMSprop as a `tf.Optimizer`: for `model.compile({ optimizer: new RMSprop() })`, `minimize` and `applyGradients`.
 *
 * The same rule, options and defaults as in core, on every backend of TensorFlow.js.
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

/** `decay` is what `tf.train.rmsprop` calls rho. */
function withRho(config: KerasConfig): KerasConfig {
  if (typeof config !== "object" || config === null || !("decay" in config)) return config;
  const { decay: rho, ...rest } = config;
  return { ...rest, rho };
}
