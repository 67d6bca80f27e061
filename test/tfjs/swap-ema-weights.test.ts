// SwapEMAWeights: the topics of Keras' own tests, and that nothing of it stays on a model. Its numbers are compared with
// Keras' in callbacks-like-keras.test.ts.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { EarlyStopping, fit as fitModel, LossScaleOptimizer, SGD, SwapEMAWeights } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { batchesOf, USUAL, withModel } from "./callback-models.js";
import { averagesOf, weightBits } from "./models.js";
import { onSomeBackend } from "./suite.js";

const ema = () => new SGD({ learningRate: 0.2, useEma: true, emaMomentum: 0.9 });
const METHODS = ["testLoop", "evaluate", "evaluateDataset"];

/** The model that TensorFlow.js trains within a tf.Sequential. */
const innerOf = (model: tfl.LayersModel) => (model as unknown as { readonly model: object }).model;

function lossOf(model: tfl.LayersModel, data: readonly [tf.Tensor, tf.Tensor]): number {
  const all = [model.evaluate(...data, { batchSize: 4 })].flat();
  const loss = all[0]?.dataSync()[0] as number;
  tf.dispose(all);
  return loss;
}

/** Throws unless nothing of a callback is on a model. */
function expectUnwrapped(model: tfl.LayersModel): void {
  for (const name of METHODS) expect(Object.hasOwn(innerOf(model), name)).toBe(false);
  const descriptor = Object.getOwnPropertyDescriptor(innerOf(model), "isTraining");
  expect(descriptor).toEqual({ value: false, writable: true, enumerable: true, configurable: true });
}

onSomeBackend(() => {
  test.each([
    ["without useEma", () => new SGD(), /useEma must be true for the optimizer.+received useEma=false/],
    ["of TensorFlow.js", () => tf.train.sgd(0.1), /must be an optimizer of this package/],
  ])("an optimizer %s is refused", async (_, create, message) => {
    await withModel<tf.Optimizer>(create(), async ({ model, x, y, validationData }) => {
      const args = { ...USUAL, validationData, callbacks: new SwapEMAWeights() };
      await expect(model.fit(x, y, args)).rejects.toThrow(message);
      expectUnwrapped(model);
    });
  });

  test.each([
    ["an optimizer", ema],
    ["a LossScaleOptimizer", () => new LossScaleOptimizer(ema())],
  ])("the last validation of %s is what evaluate gives after fit", async (_, create) => {
    for (const isOn of [false, true]) {
      await withModel<tf.Optimizer>(create(), async ({ model, x, y, validationData }) => {
        const callbacks = isOn ? [new SwapEMAWeights()] : [];
        const { history } = await fitModel(model, x, y, { ...USUAL, epochs: 2, validationData, callbacks });
        const same = lossOf(model, validationData) === history.val_loss?.at(-1);
        expect(same).toBe(isOn);
        expectUnwrapped(model);
      });
    }
  });

  test.each(["evaluate", "evaluateDataset"] as const)("%s that throws leaves the trained weights", async (method) => {
    await withModel(ema(), async ({ model, x, y }) => {
      const seen: boolean[] = [];
      const onEpochEnd = async () => {
        const before = weightBits(model);
        const failing = { iterator: async () => Promise.reject(new Error("no data")) } as never;
        const test = async () =>
          method === "evaluate" ? model.evaluate(x, failing) : model.evaluateDataset(failing, {});
        await expect(test()).rejects.toThrow();
        seen.push(JSON.stringify(weightBits(model)) === JSON.stringify(before));
      };
      const callbacks = [new SwapEMAWeights(), new tfl.CustomCallback({ onEpochEnd })];
      await model.fit(x, y, { ...USUAL, epochs: 2, callbacks });
      expect(seen).toEqual([true, true]);
      expectUnwrapped(model);
    });
  });

  test("training goes on with the trained weights, and what evaluates in between sees averages", async () => {
    const seen: string[][] = [];
    const losses: number[] = [];
    const run = async (isOn: boolean) => {
      await withModel(ema(), async ({ model, x, y, validationData }) => {
        const onBatchEnd = () => {
          if (isOn) losses.push(lossOf(model, validationData));
        };
        const callbacks = [...(isOn ? [new SwapEMAWeights()] : []), new tfl.CustomCallback({ onBatchEnd })];
        const { history } = await model.fit(x, y, { ...USUAL, epochs: 3, validationData, callbacks });
        if (isOn) expect(losses.filter((_, i) => i % 2 === 1)).toEqual(history.val_loss);
        seen.push(weightBits(model));
      });
    };
    await run(false);
    await run(true);
    expect(seen[1]).toEqual(seen[0]);
  });

  test("with swapOnEpoch callbacks after it see averages from the end of an epoch to the next one", async () => {
    await withModel(ema(), async ({ model, x, y, validationData, optimizer }) => {
      const isAverage: boolean[] = [];
      const tell = () => void isAverage.push(weightBits(model).join() === averagesOf(optimizer as never).join());
      const callbacks = [
        new SwapEMAWeights({ swapOnEpoch: true }),
        new tfl.CustomCallback({ onEpochEnd: tell, onBatchEnd: tell, onTrainEnd: tell }),
      ];
      const { history } = await fitModel(model, x, y, { ...USUAL, batchSize: 8, epochs: 2, validationData, callbacks });
      // After the first step of all the average is the weight itself.
      expect(isAverage).toEqual([true, true, false, true, true]);
      expect(lossOf(model, validationData)).toBe(history.val_loss?.[1]);
      expectUnwrapped(model);
    });
  });

  test("with swapOnEpoch the run is the same, also when it is stopped early, and in a second fit", async () => {
    const run = async (isOn: boolean) => {
      let bits: string[] = [];
      await withModel(ema(), async ({ model, x, y, validationData, optimizer }) => {
        const swap = new SwapEMAWeights({ swapOnEpoch: true });
        const stopping = new EarlyStopping({ monitor: "loss", minDelta: 10, patience: 2 });
        for (let i = 0; i < 2; i++) {
          const callbacks = [...(isOn ? [swap] : []), stopping];
          await fitModel(model, x, y, { ...USUAL, epochs: 9, validationData, callbacks });
        }
        bits = [...weightBits(model), ...averagesOf(optimizer as never)];
      });
      return bits;
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test("a dataset is validated with averages, too", async () => {
    await withModel(ema(), async ({ model, x, y }) => {
      const dataset = batchesOf({ x, y });
      const args = { epochs: 2, verbose: 0 as const, callbacks: [new SwapEMAWeights()] };
      const validationData = batchesOf({ x, y }) as never; // one of tfjs-data
      const { history } = await model.fitDataset(dataset, { ...args, validationData });
      const raw = [await model.evaluateDataset(dataset as never, {})].flat();
      expect(history.val_loss?.[1]).not.toBe(raw[0]?.dataSync()[0]);
      tf.dispose(raw);
      expectUnwrapped(model);
    });
  });

  test.each(["model.fit", "fit"])(
    "a %s that throws leaves the trained weights, and nothing on the model",
    async (way) => {
      await withModel(ema(), async ({ model, x, y, validationData }) => {
        const raw: string[][] = [];
        const callbacks = [
          new tfl.CustomCallback({ onEpochEnd: () => void raw.push(weightBits(model)) }),
          new SwapEMAWeights({ swapOnEpoch: true }),
          new tfl.CustomCallback({ onEpochEnd: async () => Promise.reject(new Error("enough")) }),
        ];
        const args = { ...USUAL, epochs: 2, validationData, callbacks };
        await expect(way === "fit" ? fitModel(model, x, y, args) : model.fit(x, y, args)).rejects.toThrow("enough");
        expect(weightBits(model)).toEqual(raw[0]);
        expectUnwrapped(model);
        const { history } = await model.fit(x, y, { ...USUAL, validationData });
        expect(history.val_loss?.[0]).toBe(lossOf(model, validationData));
      });
    },
  );

  test("methods of the user's own are wrapped, and are there again", async () => {
    await withModel(ema(), async ({ model, x, y, validationData }) => {
      const inner = innerOf(model) as { testLoop: (...values: unknown[]) => unknown };
      const { testLoop } = inner;
      let calls = 0;
      const own = function (this: object, ...values: unknown[]) {
        calls++;
        return testLoop.apply(this, values);
      };
      inner.testLoop = own;
      await model.fit(x, y, { ...USUAL, validationData, callbacks: [new SwapEMAWeights(), new SwapEMAWeights()] });
      expect([calls, inner.testLoop === own]).toEqual([1, true]);
    });
  });
});
