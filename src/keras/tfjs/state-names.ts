// The own variables of an optimizer of "rmsprop/tfjs" in Keras' order, under the names by which it saves and loads them,
// also those whose variables it has not trained yet.
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { LossScaleOptimizer, type Optimizer } from "../../tfjs/index.js";
import { tensorRunOf } from "../../tfjs/run.js";
import type { StateName } from "../../tfjs/state/saved-state.js";

/** The variables of the model's optimizer as Keras counts them. */
export function stateNames(model: tfl.LayersModel, optimizer: Optimizer | LossScaleOptimizer): StateName[] {
  // A layer's weight is read as the variable itself.
  const trained = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  if (!(optimizer instanceof LossScaleOptimizer)) return tensorRunOf(optimizer).saved.namesFor(trained);
  const own = optimizer.variables.slice(0, 4).map(({ path }) => ({ name: path, shape: [], isSlot: false }));
  return [...own, ...tensorRunOf(optimizer.innerOptimizer).saved.namesFor(trained)];
}
