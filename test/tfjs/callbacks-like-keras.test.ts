// Trainings with callbacks beside those of real Keras: the same epochs, learning rates, histories and weights.
import { readFileSync } from "node:fs";
import type * as tf from "@tensorflow/tfjs-core";
import {
  EarlyStopping,
  FinalizeCallback,
  fitDataset,
  fit as fitModel,
  LearningRateScheduler,
  LossScaleOptimizer,
  ReduceLROnPlateau,
  RMSprop,
  SGD,
  SwapEMAWeights,
} from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { choice } from "../seed.js";
import { batchesOf, USUAL, withModel } from "./callback-models.js";
import { onSomeBackend } from "./suite.js";

interface Trained {
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly weights: readonly (readonly number[])[];
  readonly evaluated: readonly number[];
  readonly learning_rate: number;
}

/** What keras_callbacks.py prints. */
const KERAS: Readonly<Record<string, Trained>> = JSON.parse(
  readFileSync(new URL("./keras-callbacks.json", import.meta.url), "utf8"),
);

/** By which part numbers may differ: JAX and TensorFlow.js sum in another order, and their tanh differ in the last bits. */
const TOLERANCE = 1e-4;

type AnyOptimizer = RMSprop | SGD;
const rmsprop = (learningRate: number) => new RMSprop({ learningRate });
const averaging = () => new SGD({ learningRate: 0.1, useEma: true, emaMomentum: 0.8 });
const scaled = (inner: AnyOptimizer) => new LossScaleOptimizer(inner, { initialScale: 64 });

type Callback = EarlyStopping | LearningRateScheduler | ReduceLROnPlateau | SwapEMAWeights;
const CASES: readonly (readonly [string, () => AnyOptimizer | LossScaleOptimizer, () => Callback, number])[] = [
  [
    "LearningRateScheduler",
    () => rmsprop(0.02),
    () => new LearningRateScheduler((epoch, rate) => (epoch < 2 ? rate : rate * 0.5)),
    5,
  ],
  [
    "ReduceLROnPlateau",
    () => rmsprop(0.05),
    () => new ReduceLROnPlateau({ factor: 0.3, patience: 2, minDelta: 0.03, cooldown: 1, minLr: 0.004 }),
    16,
  ],
  [
    "ReduceLROnPlateau, LossScaleOptimizer",
    () => scaled(rmsprop(0.05)),
    () => new ReduceLROnPlateau({ monitor: "mae", factor: 0.5, patience: 1, minDelta: 0.05 }),
    8,
  ],
  [
    "EarlyStopping",
    () => rmsprop(0.3),
    () => new EarlyStopping({ patience: 3, restoreBestWeights: true, startFromEpoch: 1 }),
    20,
  ],
  [
    "EarlyStopping, baseline",
    () => rmsprop(0.02),
    () => new EarlyStopping({ monitor: "val_mae", patience: 4, baseline: 0.1, restoreBestWeights: true }),
    20,
  ],
  ["SwapEMAWeights", () => averaging(), () => new SwapEMAWeights(), 4],
  ["SwapEMAWeights, on epoch", () => averaging(), () => new SwapEMAWeights({ swapOnEpoch: true }), 4],
  ["SwapEMAWeights, LossScaleOptimizer", () => scaled(averaging()), () => new SwapEMAWeights(), 4],
];

onSomeBackend(() => {
  const WAYS = ["model.fit", "fit", "fitDataset"] as const;
  // `npm run test:package` makes all of them.
  const combinations = CASES.flatMap((entry) => WAYS.map((way) => ({ name: entry[0], way, entry })));
  test.each(choice(combinations, 4))(
    "$name in $way gives Keras' numbers",
    async ({ name, way, entry: [, create, createCallback, epochs] }) => {
      const keras = KERAS[name] as Trained; // it has every name
      const optimizer = create();
      await withModel(optimizer, async ({ model, x, y, validationData }) => {
        // TensorFlow.js' own fit does not end with the averages.
        const callbacks = [...(way === "model.fit" ? [new FinalizeCallback()] : []), createCallback()];
        const args = { ...USUAL, epochs, validationData, callbacks };
        const ways = {
          "model.fit": () => model.fit(x, y, args),
          fit: () => fitModel(model, x, y, args),
          fitDataset: () => {
            const { epochs, validationData, verbose } = args;
            return fitDataset(model, batchesOf({ x, y }), { epochs, validationData, verbose, callbacks });
          },
        };
        const { epoch, history } = await ways[way]();
        expect(epoch).toEqual(keras.epoch);
        expect(Object.keys(history).sort()).toEqual(Object.keys(keras.history).sort());
        expect(history.learning_rate).toEqual(keras.history.learning_rate);
        for (const [key, values] of Object.entries(keras.history)) expectClose(history[key] as number[], values);
        for (const [i, weight] of model.getWeights().entries()) {
          expectClose(weight.dataSync(), keras.weights[i] as readonly number[]);
        }
        const evaluated = model.evaluate(...validationData) as tf.Scalar[];
        expectClose(
          evaluated.map((scalar) => scalar.dataSync()[0] as number),
          keras.evaluated,
        );
        for (const scalar of evaluated) scalar.dispose();
        expect(Math.fround(optimizer.learningRate)).toBe(keras.learning_rate);
      });
    },
  );
});

function expectClose(ours: ArrayLike<number>, theirs: readonly number[]): void {
  expect(ours.length).toBe(theirs.length);
  for (const [i, value] of theirs.entries()) {
    expect(Math.abs((ours[i] as number) - value)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(value)));
  }
}
