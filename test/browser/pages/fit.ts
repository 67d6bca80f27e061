// A small model that learns y = 2a - b + 0.5 with averages of its weights.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { fit as fitModel, RMSprop } from "rmsprop/tfjs";

export interface Fitted {
  readonly engine: string;
  readonly losses: readonly number[];
  /** Kernel and bias in the end. */
  readonly weights: readonly number[];
  /** Their averages: the same, since `fit` puts them in place. */
  readonly averages: readonly number[];
  /** Tensors that are left over. */
  readonly left: number;
}

/** Trains on the current backend. */
export async function fitSmallModel(): Promise<Fitted> {
  const before = tf.memory().numTensors;
  const kernelInitializer = tfl.initializers.constant({ value: 0.1 });
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2], kernelInitializer })] });
  const optimizer = new RMSprop({ learningRate: 0.05, momentum: 0.5, useEma: true, emaMomentum: 0.9 });
  model.compile({ optimizer, loss: "meanSquaredError" });
  const inputs = Array.from({ length: 64 }, (_, i) => [((i * 37) % 64) / 32 - 1, ((i * 11) % 64) / 32 - 1]);
  const x = tf.tensor2d(inputs);
  const y = tf.tensor2d(inputs.map(([a = 0, b = 0]) => [2 * a - b + 0.5]));
  const { history } = await fitModel(model, x, y, { epochs: 12, batchSize: 16, shuffle: false, verbose: 0 });
  const weights = await numbersOf(model.getWeights());
  const saved = await optimizer.getWeights();
  const averages = await numbersOf(saved.filter(({ name }) => name.endsWith("average")).map(({ tensor }) => tensor));
  const { engine } = optimizer;
  tf.dispose([x, y]);
  optimizer.dispose();
  model.dispose();
  const left = tf.memory().numTensors - before;
  return { engine, losses: (history.loss ?? []) as number[], weights, averages, left };
}

async function numbersOf(tensors: readonly tf.Tensor[]): Promise<number[]> {
  const arrays = await Promise.all(tensors.map((tensor) => tensor.data()));
  return arrays.flatMap((values) => [...values]);
}
