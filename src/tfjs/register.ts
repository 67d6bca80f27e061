// Makes TensorFlow.js find the classes that a saved model names.
import * as tf from "@tensorflow/tfjs-core";
import type { CustomObjects } from "../core/serialization.js";
import { addCustomObjects } from "./config.js";
import { LossScaleOptimizer } from "./loss-scale.js";
import { RMSprop, TfRMSProp } from "./rmsprop.js";

/**
 * Registers RMSprop, under Keras' spelling and TensorFlow.js' "RMSProp", and LossScaleOptimizer, so that models that were
 * saved with them can be loaded. Whoever imports one of the classes has it registered; call this in a bundled program that
 * loads models and names no class, since bundlers remove what is not used. And call it with schedules and functions of your
 * own, `register({ MySchedule })`, before a model that was saved with one is loaded.
 */
export function register(customObjects: CustomObjects = {}): void {
  for (const optimizer of [RMSprop, TfRMSProp, LossScaleOptimizer]) tf.serialization.registerClass(optimizer);
  addCustomObjects(customObjects);
}
