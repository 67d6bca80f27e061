// fit() as Keras has it: layers' constraints hold, and when training ends the weights become their moving averages.
import type * as tfl from "@tensorflow/tfjs-layers";
import { argumentsOf } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { classNameOf } from "../check/names.js";
import { FinalizeCallback } from "./callbacks/finalize-callback.js";
import { inOneForm, isOfModel } from "./callbacks/forms.js";
import { trainedIn } from "./callbacks/model-callback.js";
import { isTraining } from "./callbacks/while-training.js";
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
  return around("fit", model, args, (own) => model.fit(x, y, { ...args, ...own }));
}

/** `model.fitDataset(dataset, args)`, with averages and constraints as in `fit`. */
export async function fitDataset<T>(
  model: tfl.LayersModel,
  dataset: Parameters<typeof model.fitDataset<T>>[0],
  args: tfl.ModelFitDatasetArgs<T>,
): Promise<tfl.History> {
  return around("fitDataset", model, args, (own) => model.fitDataset(dataset, { ...args, ...own }));
}

/** Runs a fit with callbacks in a form that TensorFlow.js takes, from the epoch on that one of them asks for. */
async function around(
  owner: string,
  model: tfl.LayersModel,
  { callbacks, yieldEvery }: Training,
  run: (own: Training) => Promise<tfl.History>,
): Promise<tfl.History> {
  const given = checkedCallbacks(owner, callbacks);
  const isLast = (item: object): boolean => isOfModel(item) && item.isLast;
  const list = [...given.filter((item) => !isLast(item)), ...given.filter(isLast)];
  const ours = list.filter(isOfModel);
  checkIdle(owner, model, ours);
  constrainCompiled(model); // an error in a callback would leave the model marked as training
  const finalize = new FinalizeCallback(model);
  const busy = [trainedIn(model), ...ours];
  for (const item of busy) running.add(item);
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
    for (const item of busy) running.delete(item);
    for (const callback of ours) await callback.afterFit(hasEnded);
  }
}

/** Models and callbacks of fits that have begun, from before the first callback is asked for an epoch. */
const running = new WeakSet<object>();

/** Throws for a model that is being trained, which a callback would restore meanwhile, and for a callback of another fit. */
function checkIdle(owner: string, model: tfl.LayersModel, callbacks: readonly object[]): void {
  const received: unknown = model;
  if (typeof received !== "object" || received === null) {
    const remedy = "Pass what tfl.sequential() or tfl.model() makes.";
    throw argumentsOf(owner)("model").badKind("be a LayersModel", model, remedy);
  }
  const trained = trainedIn(model);
  if (running.has(trained) || isTraining(trained)) {
    throw new StateError(owner, "another fit of this model has not ended. Await it first.");
  }
  const shared = callbacks.find((callback) => running.has(callback));
  if (shared === undefined) return;
  const problem = `this ${classNameOf(shared.constructor)} is in another fit, which has not ended.`;
  throw new StateError(owner, `${problem} Make a callback for each fit.`);
}

/** The user's callbacks as a list, or a TypeError for what cannot be one, such as a class. */
function checkedCallbacks(owner: string, callbacks: unknown): readonly object[] {
  const given: readonly unknown[] = [callbacks ?? {}].flat();
  return given.map((item, i) => {
    if (typeof item === "object" && item !== null) return item;
    const remedy = "Pass new EarlyStopping(), for example, or { onEpochEnd }.";
    throw argumentsOf(owner)("callbacks").at(i).badKind("be a callback or an object of functions", item, remedy);
  });
}
