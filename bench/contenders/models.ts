// Whole training steps of TensorFlow.js models: forward, backward and optimizer, on one batch.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { RMSprop } from "rmsprop/tfjs";
import type { Contender } from "../contender.js";
import { HYPER } from "./data.js";

const BATCH = 32;
const WORDS = 20_000;

interface Model {
  readonly layers: () => tfl.layers.Layer[];
  readonly input: () => tf.Tensor;
  readonly classes: number;
}

const dense = (units: number, inputShape?: [number]): tfl.layers.Layer =>
  tfl.layers.dense({ units, activation: "relu", ...(inputShape && { inputShape }) });
const classes = (units: number): tfl.layers.Layer => tfl.layers.dense({ units, activation: "softmax" });

/** What is trained, by a name for the table. */
const MODELS = {
  "digits: 64-128-10": {
    layers: () => [dense(128, [64]), classes(10)],
    input: () => tf.randomUniform([BATCH, 64], 0, 1, "float32", 1),
    classes: 10,
  },
  "perceptron: 784-1024-256-10": {
    layers: () => [dense(1024, [784]), dense(256), classes(10)],
    input: () => tf.randomUniform([BATCH, 784], 0, 1, "float32", 1),
    classes: 10,
  },
  // As bags of words: the wasm backend has no gradient of an embedding layer.
  "embedding: 20,000 words by 64": {
    layers: () => [tfl.layers.dense({ units: 64, inputShape: [WORDS], useBias: false }), classes(10)],
    input: () =>
      tf.tidy(() => tf.cast(tf.less(tf.randomUniform([BATCH, WORDS], 0, 1, "float32", 1), 0.001), "float32")),
    classes: 10,
  },
} as const satisfies Readonly<Record<string, Model>>;

export type ModelName = keyof typeof MODELS;

/** The optimizers that take turns, each with a model of its own. */
export function trainings(name: ModelName): [Contender, Contender] {
  const { learningRate, rho, epsilon } = HYPER;
  return [
    training("rmsprop/tfjs", MODELS[name], new RMSprop(HYPER)),
    training("tf.train.rmsprop", MODELS[name], tf.train.rmsprop(learningRate, rho, 0, epsilon)),
  ];
}

function training(name: string, { layers, input, classes }: Model, optimizer: tf.Optimizer): Contender {
  const model = tfl.sequential({ layers: layers() });
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  const x = input();
  const y = tf.tidy(() => tf.oneHot(tf.mod(tf.range(0, BATCH, 1, "int32"), tf.scalar(classes, "int32")), classes));
  return {
    name: `${name}, ${tf.getBackend()}`,
    async time(count) {
      const start = performance.now();
      for (let i = 0; i < count; i++) await model.trainOnBatch(x, y);
      return performance.now() - start;
    },
  };
}
