// Files of a Keras model under a MultiOptimizer, and back: multi/make.py made it with real Keras on JAX, which loads ours, too.
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import * as core from "rmsprop";
import { type KerasFile, readKeras, writeWeights } from "rmsprop/keras";
import { loadWeights, saveWeights } from "rmsprop/keras/tfjs";
import * as tensors from "rmsprop/tfjs";
import { beforeAll, expect, test, vi } from "vitest";
import { startBackend } from "../tfjs/backends.js";

const read = (name: string): Buffer => readFileSync(new URL(`multi/${name}`, import.meta.url));
const bytes = read("model.keras");
// The script writes two lists: trained variables and the optimizer's own ones.
const [trained = [], own = []] = JSON.parse(read("model.json").toString()) as number[][][];

/** The parts of the file, with keys that match our names. */
const multi = (): core.MultiOptimizer =>
  new core.MultiOptimizer(
    new core.OptimizerMap(new core.SGD({ learningRate: 0.1, momentum: 0.9 }), {
      "first_.*": new core.Adam({ learningRate: 0.01 }),
      "third_.*": new core.SGD({ learningRate: 0.5 }),
    }),
  );

const step = ({ optimizer, weights }: KerasFile): void =>
  optimizer?.apply(
    weights.map(({ size }) => new Float32Array(size).fill(0.5)),
    [...weights],
  );

const stateOf = (optimizer: { readonly variables: readonly { readonly value: ArrayLike<number> }[] } | null) =>
  optimizer?.variables.map(({ value }) => Array.from(value));

beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined); // of the part without variables
});

test("the state goes on in every bit, and from our file again", async () => {
  const file = await readKeras(bytes, { optimizer: multi() });
  expect([file.optimizerProblem, file.optimizer?.iterations]).toEqual([null, 4]);
  const again = await readKeras(await file.toBytes(), { optimizer: multi() });
  const [first, second] = [file.weights.slice(0, 2), file.weights.slice(2)];
  const layers = [first, second].map((weights) => ({ className: "Dense", weights }));
  const written = await writeWeights({ layers, optimizer: file.optimizer });
  const config = file.config ?? {};
  const fresh = await readKeras(written, { optimizer: multi(), config });
  for (const each of [file, again, fresh]) {
    step(each);
    expect(each.weights.map(({ value }) => Array.from(value))).toEqual(trained);
    expect(stateOf(each.optimizer)).toEqual(own);
  }
  for (const each of [file, again, fresh]) each.dispose();
});

test("keys for Keras' paths are not taken for names: the problem says what to pass", async () => {
  const file = await readKeras(bytes);
  expect(file.optimizer).toBeNull();
  expect(file.optimizerProblem).toContain("Pass options.optimizer, a MultiOptimizer with the same parts");
  file.dispose();
});

test("on TensorFlow.js a model goes on with it, and saves it for Keras", async () => {
  await startBackend("cpu");
  const dense = (units: number, name: string, more = {}): tfl.layers.Layer =>
    tfl.layers.dense({ units, name, ...more });
  const create = (prefix: string): tfl.LayersModel => {
    const names = ["first", "second"].map((name) => `${prefix}_${name}`);
    const layers = [dense(4, names[0] ?? "", { inputShape: [3], activation: "tanh" }), dense(2, names[1] ?? "")];
    const model = tfl.sequential({ layers });
    const optimizer = new tensors.MultiOptimizer(
      new tensors.OptimizerMap(new tensors.SGD({ learningRate: 0.1, momentum: 0.9 }), {
        ".*first/.*": new tensors.Adam({ learningRate: 0.01 }),
        ".*third/.*": new tensors.SGD({ learningRate: 0.5 }),
      }),
    );
    model.compile({ loss: "meanSquaredError", optimizer });
    return model;
  };
  const models = [create("keras"), create("ours")];
  const [model, other] = models as [tfl.LayersModel, tfl.LayersModel];
  expect(await loadWeights(model, bytes)).toMatchObject({ optimizer: true });
  const stepOn = ({ optimizer, trainableWeights }: tfl.LayersModel): void =>
    tf.tidy(() => {
      const variables = trainableWeights.map((weight) => weight.read() as tf.Variable); // the variable itself
      (optimizer as tensors.MultiOptimizer).apply(
        variables.map(({ shape }) => tf.fill(shape, 0.5)),
        variables,
      );
    });
  stepOn(model);
  expect(await loadWeights(other, await saveWeights(model))).toMatchObject({ optimizer: true });
  const expected = stateOf(model.optimizer as tensors.MultiOptimizer);
  expect(expected).toEqual(own);
  expect(model.getWeights().map((each) => Array.from(each.dataSync()))).toEqual(trained);
  stepOn(model);
  stepOn(other);
  expect(stateOf(other.optimizer as tensors.MultiOptimizer)).toEqual(
    stateOf(model.optimizer as tensors.MultiOptimizer),
  );
  for (const each of models) {
    each.optimizer.dispose();
    each.dispose();
  }
});
