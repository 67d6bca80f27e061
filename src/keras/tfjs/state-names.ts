// The own variables of an optimizer of "rmsprop/tfjs" in Keras' order, under the names by which it saves and loads them,
// also those whose variables it has not trained yet.
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { AnyOptimizer } from "../../tfjs/index.js";
import type { StateName } from "../../tfjs/state/saved-state.js";
import { trainingOf } from "../../tfjs/training.js";

/** The variables of the model's optimizer as Keras counts them. */
export function stateNames(model: tfl.LayersModel, optimizer: AnyOptimizer): StateName[] {
  // A layer's weight is read as the variable itself.
  const trained = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  return trainingOf(optimizer).saved.namesFor(trained);
}
