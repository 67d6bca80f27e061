// Makes TensorFlow.js find these classes when it loads a model that was saved with its optimizer.
import * as tf from "@tensorflow/tfjs-core";
import { LossScaleOptimizer } from "./loss-scale.js";
import { RMSprop } from "./rmsprop.js";

/** How `tf.train.rmsprop` spells itself in saved models: they get Keras' RMSprop when loaded. */
class RMSProp extends RMSprop {
  static override get className(): string {
    return "RMSProp";
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
