// The own variables of an optimizer of "rmsprop/tfjs" in Keras' order, under the names by which it saves and loads them,
// also those whose variables it has not trained yet.
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { type AnyOptimizer, LossScaleOptimizer } from "../../tfjs/index.js";
import type { StateName } from "../../tfjs/state/saved-state.js";
import { trainingOf } from "../../tfjs/training.js";
import type { OwnVariables } from "../state/state-layout.js";

/** The variables of the model's optimizer as Keras counts them. */
export function stateNames(model: tfl.LayersModel, optimizer: AnyOptimizer): OwnVariables<StateName> {
  // A layer's weight is read as the variable itself.
  const trained = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const namesOf = (each: AnyOptimizer): StateName[] => trainingOf(each).saved.namesFor(trained);
  const isScaled = optimizer instanceof LossScaleOptimizer;
  const { run } = trainingOf(optimizer);
  return {
    all: namesOf(optimizer),
    inner: isScaled ? namesOf(optimizer.innerOptimizer) : null,
    parts: run.saved.partNames(trained),
  };
}
