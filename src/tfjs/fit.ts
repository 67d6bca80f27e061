// fit() as Keras has it: layers' constraints hold, and when training ends the weights become their moving averages.
import type * as tfl from "@tensorflow/tfjs-layers";
import { FinalizeCallback } from "./callbacks/finalize-callback.js";
import { asFunctions, callbackOf, inClassOf, isOfLayers } from "./callbacks/forms.js";
import { constrainCompiled } from "./constraints/compiled.js";

type Scheduling = Pick<tfl.ModelFitArgs, "callbacks" | "yieldEvery">;

/**
 * `model.fit(x, y, args)`, after which the weights are the optimizer's moving averages if it keeps any. Each step applies the
 * constraints of the model's layers, as `optimizer.constrain(model)` has it.
 */
export async function fit(
  model: tfl.LayersModel,
  x: Parameters<tfl.LayersModel["fit"]>[0],
  y: Parameters<tfl.LayersModel["fit"]>[1],
  args: tfl.ModelFitArgs = {},
): Promise<tfl.History> {
  constrainCompiled(model); // an error in a callback would leave the model marked as training
  return model.fit(x, y, { ...args, callbacks: withFinalize(model, args) });
}

/** `model.fitDataset(dataset, args)`, with averages and constraints as in `fit`. */
export async function fitDataset<T>(
  model: tfl.LayersModel,
  dataset: Parameters<typeof model.fitDataset<T>>[0],
  args: tfl.ModelFitDatasetArgs<T>,
): Promise<tfl.History> {
  constrainCompiled(model);
  return model.fitDataset(dataset, { ...args, callbacks: withFinalize(model, args) });
}

/** TensorFlow.js takes callbacks, or objects of functions, but no mixture. Which of both they are, it tells by the first. */
function withFinalize(model: tfl.LayersModel, { callbacks, yieldEvery }: Scheduling): tfl.CustomCallback[] {
  const list: readonly object[] = [callbacks ?? {}].flat();
  const finalize = asFunctions(new FinalizeCallback(model));
  const theirs = list.find(isOfLayers);
  const items = theirs
    ? [
        inClassOf(theirs, finalize),
        ...list.map((item) => (isOfLayers(item) ? item : callbackOf(theirs, item, yieldEvery))),
      ]
    : [{ ...finalize, nextFrameFunc: () => Promise.resolve() }, ...list];
  return items as tfl.CustomCallback[]; // what TensorFlow.js takes
}
