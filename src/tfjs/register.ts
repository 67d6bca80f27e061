// Makes TensorFlow.js find these classes when it loads a model that was saved with its optimizer.
import * as tf from "@tensorflow/tfjs-core";
import { LossScaleOptimizer } from "./loss-scale.js";
import { optionsOf, RMSprop } from "./rmsprop.js";

/** How `tf.train.rmsprop` spells itself in saved models: they get Keras' RMSprop when loaded. */
class RMSProp extends RMSprop {
  static override get className(): string {
    return "RMSProp";
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    _: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    // tf's signature promises the class that it passed, of which this is the parent.
    return new RMSprop(optionsOf(config, {})) as unknown as T;
  }
}

/**
 * Registers RMSprop, under Keras' spelling and TensorFlow.js' "RMSProp", and LossScaleOptimizer. It runs when this
 * module is loaded; call it only where a bundler removes modules that nothing else is used of.
 */
export function register(): void {
  for (const optimizer of [RMSprop, RMSProp, LossScaleOptimizer]) tf.serialization.registerClass(optimizer);
}

register();
