// The two forms of callbacks, objects of functions and those of a class, and what becomes of one among the others.
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { PlainCallback } from "./callback-base.js";
import type { FinalizeCallback } from "./finalize-callback.js";
import { type UnresolvedLogs, withNumbersOnly } from "./logs.js";
import { CallbackOfModel, calledFunctions } from "./model-callback.js";

/** How TensorFlow.js lets a page breathe by default. */
const AUTO_MS = 125;

/** Whether it is a callback of this package that goes by the model. */
export const isOfModel = (item: object): item is CallbackOfModel => item instanceof CallbackOfModel;

/** Whether it is of a class of tfjs-layers, of any copy of it. */
const isOfLayers = (item: object): boolean =>
  "setParams" in item && !(item instanceof PlainCallback || isOfModel(item));

/** Callbacks in the form in which TensorFlow.js takes all of them: it tells by the first, and takes no mixture. */
export function inOneForm(
  callbacks: readonly object[],
  finalize: FinalizeCallback,
  yieldEvery: tfl.ModelFitArgs["yieldEvery"],
): tfl.CustomCallback[] {
  const theirs = callbacks.find(isOfLayers);
  if (theirs === undefined) {
    const quick = (functions: object): object => ({ ...functions, nextFrameFunc: () => Promise.resolve() });
    const items = callbacks.map((item) => (isOfModel(item) ? quick(calledFunctions(item)) : item));
    // One that is not of this package lets the page breathe.
    const breathing = callbacks.every(isOfModel) ? [{}] : [];
    return [quick(asFunctions(finalize)), ...items, ...breathing] as tfl.CustomCallback[]; // what TensorFlow.js takes
  }
  const items = callbacks.map((item) => {
    if (isOfModel(item)) return inClassOf(theirs, calledFunctions(item));
    return isOfLayers(item) ? item : callbackOf(theirs, item, yieldEvery);
  });
  return [inClassOf(theirs, asFunctions(finalize)), ...items] as tfl.CustomCallback[]; // what TensorFlow.js takes
}

/** As an object of functions. */
function asFunctions({ onTrainBegin, onEpochEnd, onTrainEnd }: FinalizeCallback): tfl.CustomCallbackArgs {
  return { onTrainBegin, onEpochEnd, onTrainEnd };
}

/** Functions in the class that all callbacks of a copy of tfjs-layers extend, which one of them leads to. */
function inClassOf(theirs: object, functions: object): object {
  let base = theirs;
  const above = (prototype: object): object | null => Object.getPrototypeOf(prototype);
  for (let next = above(base); next !== null && above(next) !== null; next = above(next)) base = next;
  return Object.assign(Object.create(base), functions);
}

/** A user's functions among callbacks of a class: they see numbers, and the page breathes, as where all are objects. */
function callbackOf(
  theirs: object,
  functions: tfl.CustomCallbackArgs,
  yieldEvery: tfl.ModelFitArgs["yieldEvery"] = "auto",
): object {
  const [epochBegin, epochEnd] = [withNumbers(functions.onEpochBegin), withNumbers(functions.onEpochEnd)];
  const [batchEnd, tell] = [withNumbers(functions.onBatchEnd), withNumbers(functions.onYield)];
  const pause = pausing(yieldEvery);
  let epoch = 0;
  return inClassOf(theirs, {
    onTrainBegin: withNumbers(functions.onTrainBegin),
    onTrainEnd: withNumbers(functions.onTrainEnd),
    onBatchBegin: withNumbers(functions.onBatchBegin),
    onEpochBegin: (current: number, logs: UnresolvedLogs) => {
      epoch = current;
      return epochBegin(current, logs);
    },
    onEpochEnd: async (current: number, logs: UnresolvedLogs) => {
      await epochEnd(current, logs);
      if (yieldEvery === "epoch") await tf.nextFrame();
    },
    onBatchEnd: async (batch: number, logs: UnresolvedLogs) => {
      await batchEnd(batch, logs);
      await pause(() => tell(epoch, batch, logs));
    },
  });
}

/** What lets the page breathe after a batch, and tells the user of it when it is due by the clock. */
function pausing(yieldEvery: tfl.ModelFitArgs["yieldEvery"]): (tell: () => Promise<void>) => Promise<void> {
  const intervalMs = yieldEvery === "auto" ? AUTO_MS : yieldEvery;
  let last = performance.now();
  return async (tell) => {
    if (intervalMs === "batch") await tf.nextFrame();
    if (typeof intervalMs !== "number" || performance.now() - last < intervalMs) return;
    last = performance.now();
    await Promise.all([tell(), tf.nextFrame()]);
  };
}

/** A function of the user's, or none, that sees numbers where TensorFlow.js has scalars still on the device: its last argument. */
function withNumbers<T extends unknown[]>(
  fn: ((...values: [...T, tfl.Logs]) => void | Promise<void>) | undefined,
): (...values: [...T, logs: UnresolvedLogs]) => Promise<void> {
  return async (...values) => {
    if (fn === undefined) return;
    await withNumbersOnly(values.at(-1) as UnresolvedLogs | undefined); // as the type says
    await fn(...(values as [...T, tfl.Logs])); // all of them are numbers now
  };
}
