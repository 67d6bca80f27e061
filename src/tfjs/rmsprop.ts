// class RMSprop of "rmsprop/tfjs": Keras' arguments, and the forms in which TensorFlow.js saves an optimizer.
import type * as tf from "@tensorflow/tfjs-core";
import { renameKeysDeep, snakeCase } from "../optimizer/names.js";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizer/rmsprop.js";
import { type CustomObjects, type KerasConfig, optionsFrom } from "../optimizer/serialization.js";
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

  /**
   * The optimizer of a config: `fromConfig(config)` with Keras' JSON, or `fromConfig(cls, config)` as TensorFlow.js calls
   * it, also with the config of `tf.train.rmsprop`.
   */
  static override fromConfig<T extends tf.serialization.Serializable>(
    first: tf.serialization.SerializableConstructor<T> | KerasConfig,
    second?: tf.serialization.ConfigDict | CustomObjects,
  ): T {
    const calledByTf = typeof first === "function";
    const config = calledByTf ? (second ?? {}) : first;
    const customObjects = calledByTf ? {} : (second ?? {});
    const type = calledByTf ? first : this;
    // Whichever it is, it takes the options of RMSprop.
    return new type(optionsOf(config as KerasConfig, customObjects)) as T;
  }
}

/**
 * TensorFlow.js turns all keys into camelCase when it loads a model, and adds its custom objects; `decay` is what
 * `tf.train.rmsprop` calls rho.
 */
export function optionsOf(config: KerasConfig, customObjects: CustomObjects): RMSpropOptions {
  const { customObjects: _, ...own } = config;
  const { decay, ...rest } = renameKeysDeep(own, snakeCase) as Record<string, unknown>;
  return optionsFrom("RMSprop", decay === undefined ? rest : { ...rest, rho: decay }, customObjects);
}
