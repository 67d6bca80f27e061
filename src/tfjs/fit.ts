// fit() as Keras has it: layers' constraints hold, and when training ends the weights become their moving averages.
import type * as tfl from "@tensorflow/tfjs-layers";
import { FinalizeCallback } from "./callbacks/finalize-callback.js";
import { inOneForm, isOfModel } from "./callbacks/forms.js";
import { constrainCompiled } from "./constraints/compiled.js";

type Training = Pick<tfl.ModelFitArgs, "callbacks" | "yieldEvery" | "initialEpoch">;

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
  return around(model, args, (own) => model.fit(x, y, { ...args, ...own }));
}

/** `model.fitDataset(dataset, args)`, with averages and constraints as in `fit`. */
export async function fitDataset<T>(
  model: tfl.LayersModel,
  dataset: Parameters<typeof model.fitDataset<T>>[0],
  args: tfl.ModelFitDatasetArgs<T>,
): Promise<tfl.History> {
  return around(model, args, (own) => model.fitDataset(dataset, { ...args, ...own }));
}

/** Runs a fit with callbacks in a form that TensorFlow.js takes, from the epoch on that one of them asks for. */
async function around(
  model: tfl.LayersModel,
  { callbacks, yieldEvery }: Training,
  run: (own: Training) => Promise<tfl.History>,
): Promise<tfl.History> {
  constrainCompiled(model); // an error in a callback would leave the model marked as training
  const given: readonly object[] = [callbacks ?? {}].flat();
  const isLast = (item: object): boolean => isOfModel(item) && item.isLast;
  const list = [...given.filter((item) => !isLast(item)), ...given.filter(isLast)];
  const ours = list.filter(isOfModel);
  const finalize = new FinalizeCallback(model);
  let resumed: number | null = null;
  let hasEnded = false;
  try {
    for (const callback of ours) {
      callback.setModel(model);
      resumed = (await callback.beforeFit()) ?? resumed;
    }
    const own = { callbacks: inOneForm(list, finalize, yieldEvery) };
    const history = await run(resumed === null ? own : { ...own, initialEpoch: resumed });
    // Of a run that had come to its end no epoch is left, and what comes after the last one may be.
    if (resumed !== null && history.epoch.length === 0) finalize.finalize();
    hasEnded = true;
    return history;
  } finally {
    for (const callback of ours) await callback.afterFit(hasEnded);
  }
}
