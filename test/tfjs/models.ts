// Small models with fixed weights, and what their tests read of them.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type * as rmsprop from "rmsprop/tfjs";
import { fill } from "../oracle/bits.js";
import { bits } from "./backends.js";

/** Compiled for one optimizer. */
export function compiled(optimizer: tf.Optimizer, seed = 1, prefix?: string): tfl.LayersModel {
  const model = createModel(seed, prefix);
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

export interface Data {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

/** Rows of numbers and their classes; dispose of both. */
export function createData(rows = 12, seed = 5): Data {
  const x = tf.tensor2d(fill(4 * rows, "float32", "normal", seed) as Float32Array, [rows, 4]);
  const classes = Array.from({ length: rows }, (_, i) => i % 2);
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(classes, "int32"), 2), "float32"));
  return { x, y };
}

/** Steps on the whole of the data, which finalize nothing. */
export async function trainOnBatch(model: tfl.LayersModel, { x, y }: Data, steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) await model.trainOnBatch(x, y);
}

/** The data as a dataset of whole batches. */
export function datasetOf({ x, y }: Data, batches: number): Parameters<typeof rmsprop.fitDataset>[1] {
  const iterator = async () => {
    let left = batches;
    const next = async () =>
      left-- > 0 ? { value: { xs: x.clone(), ys: y.clone() }, done: false } : { value: null, done: true };
    return { next };
  };
  return { iterator, size: batches } as unknown as Parameters<typeof rmsprop.fitDataset>[1]; // all that fitDataset asks of one
}

/** The averages that an optimizer keeps, as bits. */
export const averagesOf = ({ variables }: rmsprop.RMSprop): string[] =>
  variables.filter(({ name }) => name.endsWith("_average")).map(({ value }) => bits(value));

/** All weights of a model or layer, as bits; those of frozen layers come last. */
export function weightBits(model: Pick<tfl.LayersModel, "getWeights">): string[] {
  return model.getWeights().map((weight) => bits(weight.dataSync()));
}

/** The variables behind the trainable weights of a model. */
export function variablesOf(model: tfl.LayersModel): tf.Variable[] {
  // A layer's weight is read as the variable itself.
  return model.trainableWeights.map((weight) => weight.read() as tf.Variable);
}

/** A 4-3-2 classifier; the same seed gives the same weights. */
function createModel(seed = 1, prefix = `layer${seed}`): tfl.LayersModel {
  const kernelInitializer = (own: number) => tfl.initializers.glorotUniform({ seed: 10 * seed + own });
  const hidden = { units: 3, activation: "tanh" as const, inputShape: [4], name: `${prefix}_hidden` };
  const output = { units: 2, activation: "softmax" as const, name: `${prefix}_output` };
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ ...hidden, kernelInitializer: kernelInitializer(0) }),
      tfl.layers.dense({ ...output, kernelInitializer: kernelInitializer(1) }),
    ],
  });
}
