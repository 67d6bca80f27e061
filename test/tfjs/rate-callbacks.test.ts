// LearningRateScheduler, ReduceLROnPlateau and TerminateOnNaN: the topics of Keras' own tests, and what they refuse.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { schedules } from "rmsprop";
import {
  Adam,
  fit as fitModel,
  LearningRateScheduler,
  LossScaleOptimizer,
  ReduceLROnPlateau,
  RMSprop,
  SGD,
  TerminateOnNaN,
} from "rmsprop/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { bits, startBackend } from "./backends.js";
import { USUAL, withModel } from "./callback-models.js";
import { printedBy } from "./printed.js";
import { onSomeBackend } from "./suite.js";

const decaying = () => new schedules.PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 10 });
/** Nothing counts as an improvement but the first epoch. */
const NEVER = { patience: 1, factor: 0.1, minDelta: 100 };

const infinite = (x: tf.Tensor): tf.Tensor => tf.fill([x.shape[0] as number, 1], Number.POSITIVE_INFINITY);

onSomeBackend(() => {
  test("a schedule sets the rate of each epoch, prints it with verbose: 1, and is in the history", async () => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const scheduler = new LearningRateScheduler((epoch) => 1 / (2 + epoch), { verbose: 1 });
      const { log } = await printedBy(async () => {
        const { history } = await model.fit(x, y, { ...USUAL, epochs: 2, callbacks: [scheduler] });
        expect(history.learning_rate).toEqual([0.5, Math.fround(1 / 3)]);
      });
      expect(log).toEqual([
        "\nEpoch 1: LearningRateScheduler setting learning rate to 0.5.",
        "\nEpoch 2: LearningRateScheduler setting learning rate to 0.3333333333333333.",
      ]);
    });
  });

  test("a schedule is told the rate so far", async () => {
    await withModel(new Adam({ learningRate: 0.03 }), async ({ model, x, y, optimizer }) => {
      const callbacks = [new LearningRateScheduler((_, rate) => rate / 2)];
      await fitModel(model, x, y, { ...USUAL, epochs: 2, callbacks });
      expect(optimizer.learningRate).toBe(Math.fround(0.03) / 4);
    });
  });

  test("a plateau reduces the rate, which verbose: 1 prints", async () => {
    await withModel(new Adam({ learningRate: 0.1 }), async ({ model, x, y, validationData, optimizer }) => {
      const callbacks = [new ReduceLROnPlateau({ ...NEVER, verbose: 1 })];
      const { log } = await printedBy(() => model.fit(x, y, { ...USUAL, epochs: 2, validationData, callbacks }));
      expect(log).toEqual(["\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.010000000149011612."]);
      expect(optimizer.learningRate).toBe(Math.fround(0.01));
    });
  });

  test.each([
    ["minLr", { minLr: 0.005 }, 0.005],
    ["cooldown", { cooldown: 2 }, 0.001],
  ])("a plateau honours %s", async (_, options, expected) => {
    await withModel(new Adam({ learningRate: 0.1 }), async ({ model, x, y, optimizer }) => {
      const callbacks = [new ReduceLROnPlateau({ ...NEVER, monitor: "loss", ...options })];
      await model.fit(x, y, { ...USUAL, epochs: 4, callbacks });
      expect(optimizer.learningRate).toBeCloseTo(expected, 8);
    });
  });

  test("a plateau begins to count anew with each fit", async () => {
    await withModel(new SGD({ learningRate: 0.1 }), async ({ model, x, y, optimizer }) => {
      const callback = new ReduceLROnPlateau({ ...NEVER, monitor: "loss", patience: 2, cooldown: 2 });
      Object.assign(callback, { best: 0, wait: 3, cooldownCounter: 2 });
      for (let i = 0; i < 3; i++) await model.fit(x, y, { ...USUAL, epochs: 2, callbacks: callback });
      expect([callback.wait, callback.cooldownCounter, optimizer.learningRate]).toEqual([1, 0, Math.fround(0.1)]);
    });
  });

  test.each([
    ["LearningRateScheduler", () => new LearningRateScheduler((_, rate) => rate / 2)],
    ["ReduceLROnPlateau", () => new ReduceLROnPlateau(NEVER)],
  ])("%s refuses what it cannot set, before anything is trained", async (name, create) => {
    const refused: readonly (readonly [tf.Optimizer, RegExp])[] = [
      [new Adam({ learningRate: decaying() }), /learningRate must .+was created with a `LearningRateSchedule`/],
      [new LossScaleOptimizer(new Adam({ learningRate: decaying() })), /was created with a `LearningRateSchedule`/],
      [new Adam({ learningRate: () => 0.1 }), /was created with a `function`/],
      [tf.train.adam(), /model\.optimizer must be an optimizer of this package.+Compile the model with one of/],
    ];
    for (const [optimizer, message] of refused) {
      await withModel(optimizer, async ({ model, x, y }) => {
        const before = model.getWeights().map((weight) => bits(weight.dataSync()));
        for (const train of [
          model.fit.bind(model),
          (...args: Parameters<typeof model.fit>) => fitModel(model, ...args),
        ]) {
          const error = await train(x, y, { ...USUAL, callbacks: [create()] }).catch((reason: unknown) => reason);
          expect(error).toBeInstanceOf(TypeError);
          expect(error).toMatchObject({ message: expect.stringMatching(message) });
          expect(error).toMatchObject({ message: expect.stringMatching(`^${name}: `) });
        }
        expect(model.getWeights().map((weight) => bits(weight.dataSync()))).toEqual(before);
      });
    }
  });

  test("a metric that is not there is warned of once", async () => {
    await withModel(new SGD(), async ({ model, x, y, optimizer }) => {
      const callbacks = [new ReduceLROnPlateau({ ...NEVER, monitor: `val_none_${tf.getBackend()}`, mode: "min" })];
      const { warn } = await printedBy(() => model.fit(x, y, { ...USUAL, epochs: 3, callbacks }));
      expect(warn).toEqual([
        `Learning rate reduction is conditioned on metric \`val_none_${tf.getBackend()}\` which is not available. ` +
          "Available metrics are: loss,mae,learning_rate.",
      ]);
      expect(optimizer.learningRate).toBe(Math.fround(0.01));
    });
  });

  test.each([
    ["of this package", () => new SGD()],
    ["of TensorFlow.js", () => tf.train.sgd(0.01)],
  ])("an infinite loss ends training as usual, with an optimizer %s", async (_, create) => {
    await withModel(create(), async ({ model, x }) => {
      const y = infinite(x);
      let ended = 0;
      const onTrainEnd = () => void ended++;
      const { log } = await printedBy(async () => {
        const callbacks = [new TerminateOnNaN(), new tfl.CustomCallback({ onTrainEnd })];
        const { history } = await model.fit(x, y, { ...USUAL, epochs: 20, callbacks });
        expect(history.loss).toEqual([Number.POSITIVE_INFINITY]);
      });
      expect([log, ended]).toEqual([["Batch 0: Invalid loss, terminating training"], 1]);
      y.dispose();
    });
  });

  test.each([false, true])("usual training goes on with raiseError: %s", async (raiseError) => {
    await withModel(new SGD(), async ({ model, x, y }) => {
      const { history } = await model.fit(x, y, { ...USUAL, epochs: 2, callbacks: new TerminateOnNaN({ raiseError }) });
      expect(history.loss).toHaveLength(2);
    });
  });
});

test.each([
  ["schedule", () => new LearningRateScheduler(0.1 as never), /LearningRateScheduler: schedule must be a function/],
  ["options", () => new LearningRateScheduler(() => 1, { verbos: 1 } as never), /verbos must be a known argument/],
  [
    "factor",
    () => new ReduceLROnPlateau({ factor: 1 }),
    /ReduceLROnPlateau: factor must be below 1; received factor=1/,
  ],
  ["minLr", () => new ReduceLROnPlateau({ minLR: 1 } as never), /minLR must be a known argument.+minLr/],
  ["raiseError", () => new TerminateOnNaN({ raiseError: 1 } as never), /raiseError must be true or false/],
])("bad %s is refused", (_, create, message) => {
  expect(create).toThrow(message);
});

test("a schedule that returns no number is refused", async () => {
  await startBackend("cpu");
  await withModel(new RMSprop(), async ({ model, x, y }) => {
    const callbacks = [new LearningRateScheduler((async () => 0.1) as never)];
    await expect(model.fit(x, y, { ...USUAL, callbacks })).rejects.toThrow(
      "LearningRateScheduler: schedule must return a number; at epoch 0 it returned another value; received schedule=an object of Promise.",
    );
  });
});

// TensorFlow.js leaves tensors behind when a batch throws.
describe("an error ends training", () => {
  beforeAll(() => startBackend("cpu"));

  test("NaN passes the optimizer while this callback looks for it, and only then", async () => {
    await withModel(new SGD({ learningRate: 0.1 }), async ({ model, x }) => {
      const y = tf.tidy(() => tf.concat([tf.zeros([4, 1]), tf.fill([4, 1], Number.NaN)]));
      const throwing = [new TerminateOnNaN({ raiseError: true })];
      await expect(model.fit(x, y, { ...USUAL, callbacks: throwing })).rejects.toThrow(
        "TerminateOnNaN: NaN or Inf loss encountered at batch 1. Loss value: nan. Terminating training immediately.",
      );
      const { log } = await printedBy(() => fitModel(model, x, y, { ...USUAL, callbacks: new TerminateOnNaN() }));
      expect(log).toEqual(["Batch 0: Invalid loss, terminating training"]); // the weights are NaN
      await expect(model.fit(x, y, USUAL)).rejects.toThrow(/NaN/);
      y.dispose();
    });
  });

  test("after raiseError no callback is told that training ended", async () => {
    await withModel(new SGD(), async ({ model, x }) => {
      const y = infinite(x);
      let ended = 0;
      const tracking = new tfl.CustomCallback({ onTrainEnd: () => void ended++ });
      const callbacks = [tracking, new TerminateOnNaN({ raiseError: true })];
      await expect(fitModel(model, x, y, { ...USUAL, callbacks })).rejects.toThrow(RangeError);
      expect(ended).toBe(0);
      y.dispose();
    });
  });
});
