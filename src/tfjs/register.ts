// Makes TensorFlow.js find the classes that a saved model names.
import * as tf from "@tensorflow/tfjs-core";
import type { CustomObjects } from "../core/serialization.js";
import { OPTIMIZERS } from "../optimizers/index.js";
import { addCustomObjects } from "./config.js";
import { LossScaleOptimizer } from "./loss-scale.js";
import { MultiOptimizer } from "./multi/optimizer.js";
import { namesakeOf, tensorClassOf } from "./optimizer-class.js";

/**
 * Registers the optimizers of this package, so that models that were saved with them can be loaded, and those that were saved
 * with an optimizer of `tf.train` of the same kind: they go on with ours. Whoever imports one of the classes has it registered
 * under its own name already, unless TensorFlow.js has a class of that name; call this in a bundled program that loads models
 * and names no class, since bundlers remove what is not used. And call it with schedules and functions of your own,
 * `register({ MySchedule })`, before a model that was saved with one is loaded.
 */
export function register(customObjects: CustomObjects = {}): void {
  for (const definition of OPTIMIZERS) {
    const type = tensorClassOf(definition);
    tf.serialization.registerClass(type);
    const { className, namesake } = definition;
    if (namesake && namesake.className !== className) tf.serialization.registerClass(namesakeOf(type, definition));
  }
  tf.serialization.registerClass(LossScaleOptimizer);
  tf.serialization.registerClass(MultiOptimizer);
  addCustomObjects(customObjects);
}
