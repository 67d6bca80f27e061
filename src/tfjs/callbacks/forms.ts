// The two forms of callbacks, objects of functions and those of a class, and what becomes of one among the others.
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { PlainCallback } from "./callback-base.js";
import type { FinalizeCallback } from "./finalize-callback.js";

type Logs = Record<string, number | tf.Scalar>;

/** How TensorFlow.js lets a page breathe by default. */
const AUTO_MS = 125;

/** Whether it is of a class of tfjs-layers, of any copy of it. */
export const isOfLayers = (item: object): boolean => "setParams" in item && !(item instanceof PlainCallback);

/** As an object of functions. */
export function asFunctions({ onTrainBegin, onEpochEnd, onTrainEnd }: FinalizeCallback): tfl.CustomCallbackArgs {
  return { onTrainBegin, onEpochEnd, onTrainEnd };
}

/** Functions in the class that all callbacks of a copy of tfjs-layers extend, which one of them leads to. */
export function inClassOf(theirs: object, functions: object): object {
  let base = theirs;
  const above = (prototype: object): object | null => Object.getPrototypeOf(prototype);
  for (let next = above(base); next !== null && above(next) !== null; next = above(next)) base = next;
  return Object.assign(Object.create(base), functions);
}

/** A user's functions among callbacks of a class: they see numbers, and the page breathes, as where all are objects. */
export function callbackOf(
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
    onEpochBegin: (current: number, logs: Logs) => {
      epoch = current;
      return epochBegin(current, logs);
    },
    onEpochEnd: async (current: number, logs: Logs) => {
      await epochEnd(current, logs);
      if (yieldEvery === "epoch") await tf.nextFrame();
    },
    onBatchEnd: async (batch: number, logs: Logs) => {
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
): (...values: [...T, logs: Logs]) => Promise<void> {
  return async (...values) => {
    if (fn === undefined) return;
    const logs = values.at(-1) as Logs | undefined; // as the type says
    for (const [key, value] of Object.entries(logs ?? {})) {
      if (typeof value === "number" || logs === undefined) continue;
      logs[key] = (await value.data())[0] as number; // a scalar has one
      value.dispose();
    }
    await fn(...(values as [...T, tfl.Logs])); // all of them are numbers now
  };
}
