// fit() as Keras has it: when training ends, the weights become their moving averages.

import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { StateError } from "../check/errors.js";
import type { Optimizer } from "./optimizer-class.js";

type Scheduling = Pick<tfl.ModelFitArgs, "callbacks" | "yieldEvery">;

/** An optimizer that has averages to put in place. */
type Finalizing = Pick<Optimizer, "trainedVariables" | "finalizeVariableValues">;

/**
 * For `model.fit` and `model.fitDataset`: finalizes the trainable weights of the model after the last epoch, if one ran, as
 * Keras' fit does. Put it first, so that other callbacks' `onTrainEnd` see the final weights. Does nothing for
 * optimizers without averages.
 */
export class FinalizeCallback extends tfl.Callback {
  #epochs = 0;

  /** @param model that is trained. Only a model of another copy of TensorFlow.js has to be named: it does not tell. */
  constructor(model: tfl.LayersModel | null = null) {
    super();
    if (model !== null) this.model = model;
    // Another copy of TensorFlow.js takes this for an object of functions, and calls them on an object of its own.
    this.onTrainBegin = this.onTrainBegin.bind(this);
    this.onEpochEnd = this.onEpochEnd.bind(this);
    this.onTrainEnd = this.onTrainEnd.bind(this);
  }

  /** Takes a model of any copy of TensorFlow.js. */
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    this.model = model as tfl.LayersModel; // what is trained is nothing else
  }

  /** Begins to count. */
  override async onTrainBegin(): Promise<void> {
    this.#epochs = 0;
    if (this.model !== null) return;
    const problem = "the model is of another copy of TensorFlow.js, which does not tell callbacks about it.";
    const remedy = 'Pass new FinalizeCallback(model), or call fit(model, ...) of "rmsprop/tfjs".';
    throw new StateError("FinalizeCallback", `${problem} ${remedy}`);
  }

  /** Counts epochs. */
  override async onEpochEnd(): Promise<void> {
    this.#epochs++;
  }

  /** Puts the averages in place, if an epoch ran. */
  override async onTrainEnd(): Promise<void> {
    const { optimizer, trainableWeights } = this.model;
    if (this.#epochs === 0 || !isFinalizing(optimizer)) return;
    const own = new Set<tf.Tensor>(trainableWeights.map((weight) => weight.read()));
    optimizer.finalizeVariableValues(optimizer.trainedVariables.filter((variable) => own.has(variable)));
  }
}

/** `model.fit(x, y, args)`, after which the weights are the optimizer's moving averages if it keeps any. */
export async function fit(
  model: tfl.LayersModel,
  x: Parameters<tfl.LayersModel["fit"]>[0],
  y: Parameters<tfl.LayersModel["fit"]>[1],
  args: tfl.ModelFitArgs = {},
): Promise<tfl.History> {
  return model.fit(x, y, { ...args, callbacks: withFinalize(model, args) });
}

/** `model.fitDataset(dataset, args)`, after which the weights are the optimizer's moving averages if it keeps any. */
export async function fitDataset<T>(
  model: tfl.LayersModel,
  dataset: Parameters<typeof model.fitDataset<T>>[0],
  args: tfl.ModelFitDatasetArgs<T>,
): Promise<tfl.History> {
  return model.fitDataset(dataset, { ...args, callbacks: withFinalize(model, args) });
}

/**
 * TensorFlow.js takes callbacks, or objects of functions, but no mixture; and what lets a page breathe (`yieldEvery`) is in
 * those that it makes of the objects. Which of both they are, it tells by the first.
 */
function withFinalize(model: tfl.LayersModel, { callbacks, yieldEvery }: Scheduling): tfl.CustomCallback[] {
  const list: readonly object[] = [callbacks ?? {}].flat();
  const finalize = new FinalizeCallback(model);
  const asCallback = (item: object) => (isCallback(item) ? item : new tfl.CustomCallback(item, yieldEvery));
  const items = (): readonly object[] => {
    if (model instanceof tfl.LayersModel) return [finalize, ...list.map(asCallback)];
    // A copy of TensorFlow.js that knows its own callbacks only.
    const theirs = list.find(isCallback);
    if (theirs === undefined) return [functionsOf(finalize), ...list];
    return [inClassOf(theirs, finalize), ...list.map(asCallback)];
  };
  return items() as tfl.CustomCallback[]; // what TensorFlow.js takes
}

const isCallback = (item: object): boolean => "setParams" in item;

/** An object of functions, of which TensorFlow.js makes a callback that does not wait for frames. */
function functionsOf({ onTrainBegin, onEpochEnd, onTrainEnd }: FinalizeCallback): object {
  return { onTrainBegin, onEpochEnd, onTrainEnd, nextFrameFunc: () => Promise.resolve() };
}

/** The same in the class that all callbacks of their copy extend. */
function inClassOf(theirs: object, finalize: FinalizeCallback): object {
  let base = theirs;
  const above = (prototype: object): object | null => Object.getPrototypeOf(prototype);
  for (let next = above(base); next !== null && above(next) !== null; next = above(next)) base = next;
  return Object.assign(Object.create(base), functionsOf(finalize));
}

const isFinalizing = (optimizer: object): optimizer is Finalizing => "finalizeVariableValues" in optimizer;
