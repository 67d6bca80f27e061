// Makes TensorFlow.js find these classes when it loads a model that was saved with its optimizer.
import * as tf from "@tensorflow/tfjs-core";
import type { CustomObjects } from "../optimizer/serialization.js";
import { addCustomObjects } from "./config.js";
import { LossScaleOptimizer } from "./loss-scale.js";
import { RMSprop } from "./rmsprop.js";

/** How `tf.train.rmsprop` spells itself in saved models: they get Keras' RMSprop when loaded. */
class RMSProp extends RMSprop {
  static override get className(): string {
    return "RMSProp";
  }

  /** Saved again, it is one of ours. */
  override getClassName(): string {
    return RMSprop.className;
  }
}

/**
 * Registers RMSprop, under Keras' spelling and TensorFlow.js' "RMSProp", and LossScaleOptimizer. It runs when this
 * module is loaded; call it where a bundler removes modules that nothing else is used of, and for schedules and functions
 * of your own: `register({ MySchedule })` before a model that was saved with one is loaded.
 */
export function register(customObjects: CustomObjects = {}): void {
  for (const optimizer of [RMSprop, RMSProp, LossScaleOptimizer]) tf.serialization.registerClass(optimizer);
  addCustomObjects(customObjects);
}

register();
