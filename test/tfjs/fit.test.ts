// fit, as Keras has it: averages take the place of the weights when training ends, and only then.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  FinalizeCallback,
  fitDataset,
  fit as fitModel,
  LossScaleOptimizer,
  RMSprop,
  type RMSpropOptions,
} from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { bits, bitsOf } from "./backends.js";
import {
  averagesOf,
  compiled,
  createData,
  type Data,
  datasetOf,
  trainOnBatch,
  variablesOf,
  weightBits,
} from "./models.js";
import { onSomeBackend } from "./suite.js";

const EMA: RMSpropOptions = { learningRate: 0.05, useEma: true, emaMomentum: 0.8 };
const WHOLE = { batchSize: 12, shuffle: false, verbose: 0 } as const;

/** Runs `body` with data and a trained pair: `model` to fit, `twin` with the same weights for steps that finalize nothing. */
async function withTwins(options: RMSpropOptions, body: (twins: Twins) => Promise<void>): Promise<void> {
  const [optimizer, twinOptimizer] = [new RMSprop(options), new RMSprop(options)];
  const [model, twin] = [compiled(optimizer), compiled(twinOptimizer)];
  const data = createData();
  expect(weightBits(model)).toEqual(weightBits(twin));
  await body({ model, optimizer, twin, twinOptimizer, data });
  for (const made of [model, optimizer, twin, twinOptimizer, data.x, data.y]) made.dispose();
}

interface Twins {
  readonly model: tfl.LayersModel;
  readonly optimizer: RMSprop;
  readonly twin: tfl.LayersModel;
  readonly twinOptimizer: RMSprop;
  readonly data: Data;
}

onSomeBackend(() => {
  const FREQUENCIES: readonly RMSpropOptions[] = [
    {},
    { emaOverwriteFrequency: 1 },
    { emaOverwriteFrequency: 2 },
    { emaOverwriteFrequency: 100 },
    { gradientAccumulationSteps: 2 },
    { momentum: 0.9, centered: true, weightDecay: 0.01, emaOverwriteFrequency: 3 },
  ];
  test.each(FREQUENCIES)("with %o the weights after fit are exactly the averages", async (options) => {
    await withTwins({ ...EMA, ...options }, async ({ model, optimizer, twin, twinOptimizer, data }) => {
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 5 });
      await trainOnBatch(twin, data, 5);
      expect(weightBits(model)).toEqual(averagesOf(twinOptimizer));
      expect(averagesOf(optimizer)).toEqual(averagesOf(twinOptimizer));
    });
  });

  test("onEpochEnd and validation see the raw weights", async () => {
    await withTwins(EMA, async ({ model, twin, data }) => {
      const seen: string[][] = [];
      const onEpochEnd = () => void seen.push(weightBits(model));
      const validationData: [tf.Tensor, tf.Tensor] = [data.x, data.y];
      const args = { ...WHOLE, epochs: 3, validationData, validationBatchSize: 12, callbacks: { onEpochEnd } };
      const { history } = await fitModel(model, data.x, data.y, args);
      for (let epoch = 0; epoch < 3; epoch++) {
        await trainOnBatch(twin, data, 1);
        expect(seen[epoch]).toEqual(weightBits(twin));
        const [loss, accuracy] = twin.evaluate(data.x, data.y, { batchSize: 12 }) as tf.Scalar[];
        expect(history.val_loss?.[epoch]).toBe(loss?.dataSync()[0]);
        tf.dispose([loss, accuracy].filter((scalar) => scalar !== undefined));
      }
      expect(weightBits(model)).not.toEqual(weightBits(twin));
    });
  });

  test("a second fit goes on from the averages", async () => {
    await withTwins({ ...EMA, emaOverwriteFrequency: 3 }, async ({ model, twin, twinOptimizer, data }) => {
      for (const epochs of [2, 3]) {
        await fitModel(model, data.x, data.y, { ...WHOLE, epochs });
        await trainOnBatch(twin, data, epochs);
        twinOptimizer.finalizeVariableValues();
        expect(weightBits(model)).toEqual(weightBits(twin));
      }
    });
  });

  test("trainOnBatch, and model.fit without the callback, finalize nothing", async () => {
    await withTwins(EMA, async ({ model, optimizer, twin, data }) => {
      await model.fit(data.x, data.y, { ...WHOLE, epochs: 4 });
      await trainOnBatch(twin, data, 4);
      expect(weightBits(model)).toEqual(weightBits(twin));
      expect(weightBits(model)).not.toEqual(averagesOf(optimizer));
    });
  });

  test("an exception that ends fit finalizes nothing, and training can go on", async () => {
    await withTwins(EMA, async ({ model, twin, twinOptimizer, data }) => {
      const onEpochEnd = (epoch: number) => {
        if (epoch === 1) throw new Error("enough");
      };
      const callbacks = new tfl.CustomCallback({ onEpochEnd });
      await expect(fitModel(model, data.x, data.y, { ...WHOLE, epochs: 5, callbacks })).rejects.toThrow("enough");
      await trainOnBatch(twin, data, 2);
      expect(weightBits(model)).toEqual(weightBits(twin));
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 1 });
      await trainOnBatch(twin, data, 1);
      expect(weightBits(model)).toEqual(averagesOf(twinOptimizer));
    });
  });

  test.each([{ epochs: 0 }, { epochs: 3, initialEpoch: 3 }])("no epoch (%o) finalizes nothing", async (args) => {
    await withTwins(EMA, async ({ model, twin, data }) => {
      for (const each of [model, twin]) await trainOnBatch(each, data, 3);
      await fitModel(model, data.x, data.y, { ...WHOLE, ...args });
      expect(weightBits(model)).toEqual(weightBits(twin));
    });
  });

  const FORMS: readonly (readonly [
    string,
    (args: tfl.CustomCallbackArgs) => NonNullable<tfl.ModelFitArgs["callbacks"]>,
  ])[] = [
    ["an object", (args) => args],
    ["an array of objects", (args) => [{}, args]],
    ["a callback", (args) => new tfl.CustomCallback(args)],
    ["an array of callbacks", (args) => [new tfl.CustomCallback({}), new tfl.CustomCallback(args)]],
    // TensorFlow.js' type has no mixture.
    ["a mixture of both", (args) => [new tfl.CustomCallback({}), args] as tfl.CustomCallbackArgs[]],
  ];
  test.each(FORMS)("the user's onTrainEnd sees the final weights: callbacks as %s", async (_, formOf) => {
    await withTwins(EMA, async ({ model, optimizer, data }) => {
      const calls: string[] = [];
      const args: tfl.CustomCallbackArgs = {
        onTrainBegin: () => void calls.push("begin"),
        onBatchEnd: () => void calls.push("batch"),
        onTrainEnd: () =>
          void calls.push(
            JSON.stringify(weightBits(model)) === JSON.stringify(averagesOf(optimizer)) ? "final" : "raw",
          ),
      };
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 2, callbacks: formOf(args) });
      expect(calls).toEqual(["begin", "batch", "batch", "final"]);
    });
  });

  test("early stopping ends with the averages of the steps that were made", async () => {
    await withTwins(EMA, async ({ model, twin, twinOptimizer, data }) => {
      const callbacks = tfl.callbacks.earlyStopping({ monitor: "loss", minDelta: 10, patience: 2 });
      const { epoch } = await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 20, callbacks });
      expect(epoch).toEqual([0, 1, 2]);
      await trainOnBatch(twin, data, 3);
      expect(weightBits(model)).toEqual(averagesOf(twinOptimizer));
    });
  });

  test("FinalizeCallback does the same in model.fit and model.fitDataset", async () => {
    await withTwins(EMA, async ({ model, twin, twinOptimizer, data }) => {
      await model.fit(data.x, data.y, { ...WHOLE, epochs: 2, callbacks: new FinalizeCallback() });
      await trainOnBatch(twin, data, 2);
      twinOptimizer.finalizeVariableValues();
      expect(weightBits(model)).toEqual(weightBits(twin));
      await model.fitDataset(datasetOf(data, 2), { epochs: 1, verbose: 0, callbacks: [new FinalizeCallback()] });
      await trainOnBatch(twin, data, 2);
      expect(weightBits(model)).toEqual(averagesOf(twinOptimizer));
    });
  });

  test("fitDataset finalizes, too, with callbacks of the user's", async () => {
    await withTwins(EMA, async ({ model, twin, twinOptimizer, data }) => {
      const seen: string[][] = [];
      const callbacks = { onEpochEnd: () => void seen.push(weightBits(model)) };
      await fitDataset(model, datasetOf(data, 3), { epochs: 2, verbose: 0, callbacks });
      await trainOnBatch(twin, data, 6);
      expect(seen[1]).toEqual(weightBits(twin));
      expect(weightBits(model)).toEqual(averagesOf(twinOptimizer));
    });
  });

  test("a dataset without a batch, and steps that all overflow, leave the weights alone", async () => {
    await withTwins(EMA, async ({ model, optimizer, twin, data }) => {
      await fitDataset(model, datasetOf(data, 0), { epochs: 1, verbose: 0 });
      expect(weightBits(model)).toEqual(weightBits(twin));
      const scaled = new LossScaleOptimizer(optimizer, { initialScale: 2 ** 127 });
      model.compile({ optimizer: scaled, loss: (_, prediction) => tf.mul(tf.mean(prediction), 1e30) });
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 2 });
      expect([scaled.iterations, scaled.dynamicScale]).toEqual([0, 2 ** 125]);
      expect(weightBits(model)).toEqual(weightBits(twin));
      scaled.dispose();
    });
  });

  test("LossScaleOptimizer finalizes its inner optimizer's averages", async () => {
    const inner = new RMSprop(EMA);
    const optimizer = new LossScaleOptimizer(inner, { initialScale: 1024 });
    const model = compiled(optimizer);
    const data = createData();
    await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 3 });
    expect(weightBits(model)).toEqual(averagesOf(inner));
    for (const made of [model, optimizer, data.x, data.y]) made.dispose();
  });

  test.each([
    ["without averages", () => new RMSprop({ learningRate: 0.05 })],
    ["of TensorFlow.js", () => tf.train.rmsprop(0.05)],
  ])("an optimizer %s trains as in model.fit", async (_, create) => {
    const data = createData();
    const models = [create(), create()].map((optimizer) => ({ optimizer, model: compiled(optimizer) }));
    const [one, other] = models;
    await one?.model.fit(data.x, data.y, { ...WHOLE, epochs: 3 });
    if (other) await fitModel(other.model, data.x, data.y, { ...WHOLE, epochs: 3 });
    expect(one && weightBits(one.model)).toEqual(other && weightBits(other.model));
    for (const { model, optimizer } of models) tf.dispose([model.dispose() && [], optimizer.dispose() ?? []]);
    tf.dispose([data.x, data.y]);
  });

  test("only the trainable weights of the model that was fit are finalized", async () => {
    await withTwins(EMA, async ({ model, optimizer, twin, data }) => {
      // One optimizer for two models, and a layer that is frozen later.
      twin.compile({ optimizer, loss: "categoricalCrossentropy" });
      await trainOnBatch(twin, data, 2);
      const others = weightBits(twin);
      await trainOnBatch(model, data, 3);
      const layer = model.getLayer("layer1_hidden");
      layer.trainable = false;
      model.compile({ optimizer, loss: "categoricalCrossentropy" });
      const frozen = weightBits(layer);
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 2 });
      expect(weightBits(layer)).toEqual(frozen);
      expect(weightBits(twin)).toEqual(others);
      expect(averagesOf(optimizer)).toEqual(expect.arrayContaining(weightBits(model.getLayer("layer1_output"))));
    });
  });

  test("layers that are unfrozen later start their averages from their weights", async () => {
    await withTwins({ ...EMA, emaMomentum: 0.99 }, async ({ model, optimizer, data }) => {
      const layer = model.getLayer("layer1_hidden");
      layer.trainable = false;
      model.compile({ optimizer, loss: "categoricalCrossentropy" });
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 3 });
      const [before] = layer.getWeights().map((weight) => weight.dataSync().slice());
      layer.trainable = true;
      model.compile({ optimizer, loss: "categoricalCrossentropy" });
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 2 });
      const [after] = layer.getWeights().map((weight) => weight.dataSync());
      const moved = Math.max(...Array.from(before ?? [], (value, i) => Math.abs(value - (after?.[i] ?? 0))));
      expect(moved).toBeGreaterThan(0);
      expect(moved).toBeLessThan(0.02); // two averaged steps; an average that starts from zero would lose the weights
    });
  });

  test("the averages can be evaluated in the middle of fit, and training goes on as if nothing was", async () => {
    await withTwins(EMA, async ({ model, optimizer, twin, twinOptimizer, data }) => {
      const seen: string[][] = [];
      const onEpochEnd = () => optimizer.withAverage(() => void seen.push(weightBits(model)));
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 3, callbacks: { onEpochEnd } });
      for (let epoch = 0; epoch < 3; epoch++) {
        await trainOnBatch(twin, data, 1);
        expect(seen[epoch]).toEqual(averagesOf(twinOptimizer));
      }
      expect(weightBits(model)).toEqual(averagesOf(twinOptimizer));
    });
  });

  test("the learning rate can be changed between epochs", async () => {
    await withTwins({ learningRate: 0.1 }, async ({ model, optimizer, twin, twinOptimizer, data }) => {
      const rates: number[] = [];
      const onEpochBegin = (epoch: number) => {
        optimizer.learningRate = 0.1 / (epoch + 1);
        rates.push(optimizer.learningRate);
      };
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 3, callbacks: { onEpochBegin } });
      for (const rate of rates) {
        twinOptimizer.learningRate = rate;
        await trainOnBatch(twin, data, 1);
      }
      expect(rates).toEqual([0.1, 0.05, 0.1 / 3].map(Math.fround));
      expect(weightBits(model)).toEqual(weightBits(twin));
    });
  });

  test("weights replaced between fits keep their optimizer state", async () => {
    await withTwins({ learningRate: 0.05, momentum: 0.9 }, async ({ model, optimizer, twin, twinOptimizer, data }) => {
      const start = model.getWeights().map((weight) => weight.clone());
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 3 });
      await trainOnBatch(twin, data, 3);
      for (const each of [model, twin]) each.setWeights(start);
      expect(variablesOf(model).map(bitsOf)).toEqual(start.map(bitsOf));
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 2 });
      await trainOnBatch(twin, data, 2);
      expect(optimizer.iterations).toBe(5);
      expect(optimizer.variables.map(({ value }) => bits(value))).toEqual(
        twinOptimizer.variables.map(({ value }) => bits(value)),
      );
      expect(weightBits(model)).toEqual(weightBits(twin));
      tf.dispose(start);
    });
  });

  test.each([
    ["no callbacks", undefined],
    ["an object", {}],
  ])("fit lets the page breathe as model.fit does, with %s", async (_, callbacks) => {
    await withTwins({}, async ({ model, data }) => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 0);
      const own = callbacks === undefined ? {} : { callbacks };
      await fitModel(model, data.x, data.y, { ...WHOLE, batchSize: 2, epochs: 3, yieldEvery: "batch", ...own });
      clearInterval(timer);
      expect(ticks).toBeGreaterThan(0);
    });
  });

  test("onYield and yieldEvery of the user's are kept", async () => {
    await withTwins({}, async ({ model, data }) => {
      let yields = 0;
      const callbacks = { onYield: async () => void yields++ };
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 3, yieldEvery: 1, callbacks });
      expect(yields).toBeGreaterThan(0);
      const never = fitModel(model, data.x, data.y, { ...WHOLE, yieldEvery: "never", callbacks });
      await expect(never).rejects.toThrow("yieldEvery is `never`");
    });
  });
});
