// Files of real Keras in models of TensorFlow.js, and back: weights and optimizer state in every bit.
import * as tfl from "@tensorflow/tfjs-layers";
import { LossScaleOptimizer as PlainLossScale, RMSprop as PlainRMSprop, StateMismatchError } from "rmsprop";
import { readKeras } from "rmsprop/keras";
import { loadWeights, saveWeights } from "rmsprop/keras/tfjs";
import { LossScaleOptimizer, RMSprop, SGD } from "rmsprop/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { memory, startBackend } from "../tfjs/backends.js";
import { createData, trainOnBatch, weightBits } from "../tfjs/models.js";
import { fixture } from "./expected.js";
import { versionBytes } from "./versions/fixtures.js";

beforeAll(() => startBackend("cpu"));

/** The model of the plain and mixed files. */
function dense(optimizer?: tfl.LayersModel["optimizer"]): tfl.LayersModel {
  const layers = [
    tfl.layers.dense({ units: 3, inputShape: [4], activation: "tanh" }),
    tfl.layers.dense({ units: 2, activation: "softmax" }),
  ];
  const model = tfl.sequential({ layers });
  if (optimizer) model.compile({ optimizer, loss: "categoricalCrossentropy" });
  return model;
}

/** The model of the files of other optimizers. */
function tower(optimizer: tfl.LayersModel["optimizer"]): tfl.LayersModel {
  const layers = [4, 4, 2].map((units, i) => tfl.layers.dense({ units, ...(i === 0 ? { inputShape: [4] } : {}) }));
  const model = tfl.sequential({ layers });
  model.compile({ optimizer, loss: "categoricalCrossentropy" });
  return model;
}

/** Every kind of place that a weight can have in a file. */
function mixedLayers(): tfl.LayersModel {
  const recurrentInitializer = "glorotUniform"; // the default needs all of TensorFlow.js
  const lstm = tfl.layers.lstm({ units: 2, recurrentInitializer }) as tfl.RNN;
  const encoder = tfl.sequential({
    layers: [tfl.layers.dense({ units: 3, inputShape: [4] }), tfl.layers.batchNormalization({})],
  });
  const input = tfl.input({ shape: [4] });
  const encoded = encoder.apply(input) as tfl.SymbolicTensor;
  const sequence = tfl.layers.reshape({ targetShape: [3, 1] }).apply(encoded);
  const both = tfl.layers.bidirectional({ layer: lstm, mergeMode: "concat" }).apply(sequence);
  return tfl.model({ inputs: input, outputs: tfl.layers.dense({ units: 2 }).apply(both) as tfl.SymbolicTensor });
}

const stateOf = (optimizer: { variables: readonly { value: ArrayLike<number> }[] }) =>
  optimizer.variables.map(({ value }) => Array.from(value));

describe("loadWeights", () => {
  test.each([
    ["tensorflow-plain.keras", () => new RMSprop()],
    ["tensorflow-plain.weights.h5", () => new RMSprop()],
    ["jax-mixed.keras", () => new LossScaleOptimizer(new RMSprop({ momentum: 0.5 }))],
  ] as const)("gives a model the weights and the optimizer state of %s", async (name, create) => {
    const optimizer = create();
    const model = dense(optimizer);
    expect(await loadWeights(model, fixture(name))).toEqual({ optimizer: true, optimizerProblem: null, notes: [] });
    const isH5 = name.endsWith(".h5");
    const file = await readKeras(fixture(name), isH5 ? { optimizer: "rmsprop" } : {});
    expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(
      file.weights.map(({ value }) => Array.from(value)),
    );
    // Slots wait for the first step, so a saved file shows them.
    const saved = await readKeras(await saveWeights(model), {
      optimizer: isH5 ? "rmsprop" : serialized(file.config),
    });
    expect(saved.optimizer && stateOf(saved.optimizer)).toEqual(file.optimizer && stateOf(file.optimizer));
  });

  test("lists all that does not fit another model, and changes nothing", async () => {
    const model = mixedLayers();
    const before = weightBits(model);
    const wrong = loadWeights(model, fixture("tensorflow-plain.keras"));
    await expect(wrong).rejects.toBeInstanceOf(StateMismatchError);
    await expect(wrong).rejects.toThrow(/layers\/sequential\/layers\/dense\/vars\/0 [^,]*kernel \[4,3\]/);
    expect(weightBits(model)).toEqual(before);
  });

  test.each([
    ["tensorflow-plain.keras", () => new RMSprop({ momentum: 0.5 }), /left out: it does not fit.*momentum \[4,3\]/s],
    ["tensorflow-sgd.keras", () => new RMSprop(), /left out: it is that of SGD, not of RMSprop\.$/],
    ["jax-lion.keras", () => new RMSprop(), /left out: it is that of Lion, not of RMSprop\.$/],
  ] as const)(
    "loads the weights of %s without a state that is none of its optimizer's",
    async (name, create, problem) => {
      const optimizer = create();
      const model = name === "tensorflow-plain.keras" ? dense(optimizer) : tower(optimizer);
      const loaded = await loadWeights(model, fixture(name));
      expect(loaded).toEqual({ optimizer: false, optimizerProblem: expect.stringMatching(problem), notes: [] });
      const { weights } = await readKeras(fixture(name), { optimizer: null });
      expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(
        weights.map(({ value }) => Array.from(value)),
      );
      expect(optimizer.iterations).toBe(0);
    },
  );

  test("loads the weights alone into a model without an optimizer of this package, and says so", async () => {
    const { optimizer, optimizerProblem } = await loadWeights(dense(), fixture("tensorflow-plain.keras"));
    expect([optimizer, optimizerProblem]).toEqual([false, expect.stringMatching(/not compiled/)]);
  });
});

describe("loadWeights of files of Keras 2", () => {
  const OPTIMIZERS = {
    rmsprop: () => new RMSprop(),
    sgd: () => new SGD(),
    scaled: () => new LossScaleOptimizer(new RMSprop()),
  };
  test.each([
    ["keras2.2.5-plain.h5", "rmsprop", /before Keras 2\.11.*counted from 0/],
    ["keras2.4.0-plain.h5", "rmsprop", /before Keras 2\.11/],
    ["keras2.12.0-plain.keras", "rmsprop", /^$/],
    ["keras2.15.0-plain.keras", "rmsprop", /^$/],
    ["keras2.15.0-plain.weights.h5", "rmsprop", /^$/],
    ["keras2.15.0-plain.h5", "rmsprop", /^$/],
    ["keras3.15.1-tensorflow-plain.h5", "rmsprop", /^$/],
    ["keras2.15.0-plain-sgd.keras", "sgd", /slots of momentum/],
    ["keras2.15.0-plain-sgd.h5", "sgd", /slots of momentum/],
    ["keras2.15.0-mixed.keras", "scaled", /does not hold the loss scale/],
    ["keras2.15.0-mixed.h5", "scaled", /does not hold the loss scale/],
    ["keras3.15.1-tensorflow-mixed.h5", "scaled", /^$/],
  ] as const)("gives a model the weights and the state of %s", async (name, kind, notes) => {
    const optimizer = OPTIMIZERS[kind]();
    const model = dense(optimizer);
    const loaded = await loadWeights(model, versionBytes(name));
    expect(loaded).toEqual({ optimizer: true, optimizerProblem: null, notes: expect.any(Array) });
    expect(loaded.notes.join(" ")).toMatch(notes);
    const file = await readKeras(versionBytes(name));
    const of = { rmsprop: "rmsprop", sgd: "sgd", scaled: new PlainLossScale(new PlainRMSprop()) } as const;
    const theirs = file.optimizer ?? (await readKeras(versionBytes(name), { optimizer: of[kind] })).optimizer;
    expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(
      file.weights.map(({ value }) => Array.from(value)),
    );
    const saved = await readKeras(await saveWeights(model), { optimizer: of[kind] });
    const slots = (own: typeof saved.optimizer) =>
      own?.variables.flatMap(({ slot, value }) => (slot ? [[...value]] : []));
    expect(slots(saved.optimizer)?.length).toBe(kind === "sgd" ? 0 : 4);
    expect(slots(saved.optimizer)).toEqual(slots(theirs));
    expect(saved.optimizer?.iterations).toEqual(theirs?.iterations);
  });

  test("lists what does not fit, and changes nothing", async () => {
    const model = mixedLayers();
    const before = weightBits(model);
    await expect(loadWeights(model, versionBytes("keras2.4.0-plain.h5"))).rejects.toThrow(/is one of another model/);
    expect(weightBits(model)).toEqual(before);
  });
});

describe("saveWeights", () => {
  test("writes what loadWeights gives back, for layers of every kind", async () => {
    const model = mixedLayers();
    const bytes = await saveWeights(model);
    const paths = (await readKeras(bytes)).arrays.map(({ path }) => path);
    expect(paths).toContain("layers/bidirectional/backward_layer/cell/vars/2");
    expect(paths).toContain("layers/sequential/layers/batch_normalization/vars/3");
    const other = mixedLayers();
    await loadWeights(other, bytes);
    expect(weightBits(other)).toEqual(weightBits(model));
  });

  test("carries a run over in every bit, and leaks nothing", async () => {
    const data = createData();
    const stayed = dense(new RMSprop({ centered: true, useEma: true, gradientAccumulationSteps: 3 }));
    await trainOnBatch(stayed, data, 4);
    const bytes = await saveWeights(stayed);
    const moved = dense(new RMSprop({ centered: true, useEma: true, gradientAccumulationSteps: 3 }));
    const before = memory();
    await loadWeights(moved, bytes);
    expect(memory()).toEqual(before);
    await trainOnBatch(stayed, data, 4);
    await trainOnBatch(moved, data, 4);
    expect(weightBits(moved)).toEqual(weightBits(stayed));
  });
});

/** The optimizer that a model was compiled with, as its config has it. */
function serialized(config: unknown) {
  // Keras wrote it in this form.
  return (config as { compile_config: { optimizer: Parameters<typeof readKeras>[1] } }).compile_config
    .optimizer as never;
}
