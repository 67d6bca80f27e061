// EarlyStopping: the topics of Keras' own tests, the best weights, and which direction is better.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { EarlyStopping, fit as fitModel, SGD } from "rmsprop/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "./backends.js";
import { USUAL, withModel } from "./callback-models.js";
import { weightBits } from "./models.js";
import { printedBy } from "./printed.js";
import { onSomeBackend } from "./suite.js";

type Logs = Record<string, number>;

/** A callback before `stopper` that makes losses of one's own of those of training. */
const withLosses = (name: string, losses: readonly number[], stopAt = Number.POSITIVE_INFINITY): tfl.Callback => {
  const callback = new tfl.CustomCallback({
    onEpochEnd: (epoch: number, logs?: Logs) => {
      if (logs) logs[name] = losses[epoch] as number;
      if (epoch === stopAt) model.stopTraining = true;
    },
  });
  let model = {} as tfl.LayersModel;
  callback.setModel = (own) => {
    model = own as tfl.LayersModel;
  };
  return callback as unknown as tfl.Callback; // it has a model now
};

onSomeBackend(() => {
  const LOSSES = [10, 9, 8, 9, 8.9, 8.8, 8.7, 8.6, 8.5];
  test.each([0, 1, 2, 3])(
    "with patience %s training ends after so many epochs, and the first never ends it",
    async (patience) => {
      await withModel(new SGD(), async ({ model, x, y }) => {
        const stopper = new EarlyStopping({ monitor: "loss", patience });
        const callbacks = [withLosses("loss", LOSSES), stopper];
        const { epoch } = await model.fit(x, y, { ...USUAL, epochs: LOSSES.length, callbacks });
        expect(stopper.stoppedEpoch).toBe(Math.max(patience, 1) + 2);
        expect(epoch.at(-1)).toBe(stopper.stoppedEpoch);
      });
    },
  );

  test("with patience 0 the first epoch does not end training, and the second does", async () => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const callbacks = [withLosses("loss", [1, 2, 3]), new EarlyStopping({ monitor: "loss" })];
      expect((await fitModel(model, x, y, { ...USUAL, epochs: 3, callbacks })).epoch).toEqual([0, 1]);
    });
  });

  test.each([true, false])("the best epoch is told with restoreBestWeights: %s", async (restoreBestWeights) => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const stopper = new EarlyStopping({ monitor: "loss", patience: 3, restoreBestWeights });
      await model.fit(x, y, { ...USUAL, epochs: 9, callbacks: [withLosses("loss", LOSSES), stopper] });
      expect([stopper.stoppedEpoch, stopper.bestEpoch, stopper.best]).toEqual([5, 2, 8]);
    });
  });

  test("it can be used again, and begins to count anew", async () => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const stopper = new EarlyStopping({ monitor: "loss", patience: 1, restoreBestWeights: true });
      for (const scale of [1, 100]) {
        const losses = [3, 2, 2.5, 2.5].map((loss) => loss * scale);
        const { epoch } = await model.fit(x, y, {
          ...USUAL,
          epochs: 4,
          callbacks: [withLosses("loss", losses), stopper],
        });
        expect([epoch, stopper.best, stopper.bestEpoch]).toEqual([[0, 1, 2], 2 * scale, 1]);
      }
    });
  });

  const RESTORED = [
    ["the best epoch", [0.2, 0.15, 0.1, 0.11, 0.12], { patience: 2 }, 5, 2, undefined],
    [
      "the best epoch though none beats the baseline",
      [0.9, 0.8, 0.7, 0.71, 0.72, 0.73],
      { patience: 5, baseline: 0.5 },
      5,
      2,
      undefined,
    ],
    ["the best epoch when another callback ends training", [0.9, 0.8, 0.7, 0.71, 0.72], { patience: 5 }, 4, 2, 3],
    ["the first epoch though its loss is NaN", [Number.NaN, Number.NaN], { patience: 1 }, 2, 0, undefined],
  ] as const;
  test.each(RESTORED)("the weights become those of %s", async (_, losses, options, epochs, best, stopAt) => {
    await withModel(new SGD({ learningRate: 0.1, useEma: true }), async ({ model, x, y }) => {
      const seen: string[][] = [];
      const tell = new tfl.CustomCallback({ onEpochEnd: () => void seen.push(weightBits(model)) });
      const stopper = new EarlyStopping({ ...options, restoreBestWeights: true, monitor: "val_loss", verbose: 1 });
      const callbacks = [tell, withLosses("val_loss", losses, stopAt), stopper];
      const { log } = await printedBy(() => fitModel(model, x, y, { ...USUAL, epochs: losses.length, callbacks }));
      expect(seen).toHaveLength(epochs);
      expect(weightBits(model)).toEqual(seen[best]);
      expect(log.at(-1)).toBe(`Restoring model weights from the end of the best epoch: ${best + 1}.`);
      if (stopAt === undefined) expect(log[0]).toBe(`Epoch ${epochs}: early stopping`);
    });
  });

  test("the best weights of a model whose layers are shared are put back", async () => {
    const shared = tfl.layers.dense({ units: 3, activation: "tanh" });
    const [a, b, input] = [tfl.input({ shape: [3] }), tfl.input({ shape: [3] }), tfl.input({ shape: [3] })];
    const both = tfl.layers.concatenate().apply([shared.apply(a), shared.apply(b)] as tfl.SymbolicTensor[]);
    const outputs = tfl.layers.dense({ units: 1 }).apply(both) as tfl.SymbolicTensor;
    const inner = tfl.model({ inputs: [a, b], outputs });
    const twice = [inner.apply([input, input]), inner.apply([input, input])] as tfl.SymbolicTensor[];
    const model = tfl.model({ inputs: input, outputs: tfl.layers.add().apply(twice) as tfl.SymbolicTensor });
    const optimizer = new SGD({ learningRate: 0.05 });
    model.compile({ optimizer, loss: "meanSquaredError" });
    const [x, y] = [tf.ones([4, 3]), tf.ones([4, 1])];
    const seen: string[][] = [];
    const tell = new tfl.CustomCallback({ onEpochEnd: () => void seen.push(weightBits(model)) });
    const stopper = new EarlyStopping({ monitor: "loss", patience: 2, restoreBestWeights: true });
    await fitModel(model, x, y, { ...USUAL, epochs: 5, callbacks: [tell, withLosses("loss", [3, 1, 2, 2]), stopper] });
    expect(seen).toHaveLength(4);
    expect(seen[1]).not.toEqual(seen[3]);
    expect(weightBits(model)).toEqual(seen[1]);
    optimizer.dispose();
    tf.dispose([x, y, ...model.weights.map((weight) => weight.read())]); // dispose() keeps those of a shared layer
  });

  test.each([3, 0])("the first epochs do not count with startFromEpoch, patience %s", async (patience) => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const callbacks = [
        withLosses("loss", [1, 2, 3, 4, 5, 6, 7, 8]),
        new EarlyStopping({ monitor: "loss", startFromEpoch: 2, patience }),
      ];
      const { epoch } = await model.fit(x, y, { ...USUAL, epochs: 8, callbacks });
      expect(epoch).toHaveLength(patience === 0 ? 4 : 6);
    });
  });

  test("a change counts as an improvement from minDelta on, in float32", async () => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const stopper = new EarlyStopping({ monitor: "acc", mode: "max", minDelta: 0.5, patience: 9 });
      await model.fit(x, y, { ...USUAL, epochs: 4, callbacks: [withLosses("acc", [0, 0.5, 0.2, 0.75]), stopper] });
      expect([stopper.bestEpoch, stopper.best]).toEqual([3, 0.75]);
    });
  });

  const METRICS = ["mse", "accuracy", "precision", "cosine"];
  const MODES = [
    ["max", "val_mse", "max"],
    ["min", "val_loss", "min"],
    ["auto", "val_mse", "min"],
    ["auto", "loss", "min"],
    ["auto", "acc", "max"],
    ["auto", "val_accuracy", "max"],
    ["auto", "precision", "max"],
    ["auto", "cosine", "min"], // TensorFlow.js' is the negative cosine
  ] as const;
  test.each(MODES)("mode %s of %s is %s", async (mode, monitor, expected) => {
    await withModel(
      new SGD(),
      async ({ model, x, y, validationData }) => {
        const stopper = new EarlyStopping({ mode, monitor });
        await model.fit(x, y, { ...USUAL, validationData, callbacks: stopper });
        expect(stopper.direction).toBe(expected);
        expect(stopper.best).not.toBeNull();
      },
      METRICS,
    );
  });

  test("a fit that throws leaves no best weights behind", async () => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const throwing = new tfl.CustomCallback({
        onEpochEnd: () => undefined, // it makes numbers of the logs, which TensorFlow.js leaves behind
        onEpochBegin: async (epoch) => {
          if (epoch > 0) throw new Error("enough");
        },
      });
      const callbacks = [throwing, new EarlyStopping({ monitor: "loss", restoreBestWeights: true })];
      await expect(model.fit(x, y, { ...USUAL, epochs: 2, callbacks })).rejects.toThrow("enough");
    });
  });
});

describe("what is passed", () => {
  beforeAll(() => startBackend("cpu"));

  test("a name that does not say what is better is refused, and with a mode it is warned of once", async () => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const unknown = new EarlyStopping({ monitor: "unknown" });
      await expect(model.fit(x, y, { ...USUAL, callbacks: unknown })).rejects.toThrow(
        'EarlyStopping: monitor must have a known direction; the model\'s metrics are loss, mae; received monitor="unknown". Pass mode: "max"',
      );
      const monitor = `unknown_${tf.getBackend()}`;
      const { warn } = await printedBy(() =>
        model.fit(x, y, { ...USUAL, epochs: 3, callbacks: new EarlyStopping({ monitor, mode: "max" }) }),
      );
      expect(warn).toEqual([
        `Early stopping conditioned on metric \`${monitor}\` which is not available. Available metrics are: loss,mae`,
      ]);
    });
  });

  test("an unknown mode is warned of, and is auto", async () => {
    const { warn } = await printedBy(async () => new EarlyStopping({ mode: "unknown" as never }));
    expect(warn).toEqual(["EarlyStopping mode 'unknown' is unknown, fallback to auto mode."]);
  });

  test.each([
    [{ patiense: 1 }, /patiense must be a known argument.+patience/],
    [{ restoreBestWeights: "yes" }, /restoreBestWeights must be true or false/],
    [{ monitor: 1 }, /monitor must be a string/],
    [{ baseline: "0" }, /baseline must be a finite number or null/],
  ])("%o is refused", (options, message) => {
    expect(() => new EarlyStopping(options as never)).toThrow(message);
  });
});
