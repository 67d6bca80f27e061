// A definition as an optimizer of TensorFlow.js: the bits of plain numbers, and its state in Keras' files.
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { loadWeights, saveWeights } from "rmsprop/keras/tfjs";
import { defineOptimizer, LossScaleOptimizer } from "rmsprop/tfjs";
import { beforeAll, expect, test } from "vitest";
import { CASES, expectedRun, SHAPES, valuesAt, WHOLE } from "./whole.js";

const Whole = defineOptimizer(WHOLE);

beforeAll(async () => {
  await tf.setBackend("cpu");
});

test.each(CASES)("each step has the bits of plain numbers with %o", (options) => {
  const variables = SHAPES.map((shape, i) => tf.variable(tf.tensor(valuesAt(i, -1), [...shape])));
  const optimizer = new Whole(options);
  for (const [step, expected] of expectedRun(options).entries()) {
    optimizer.apply(
      SHAPES.map((shape, i) => tf.tensor(valuesAt(i, step), [...shape])),
      variables,
    );
    expect(variables.map((each) => Float32Array.from(each.dataSync<"float32">()))).toEqual(expected);
  }
  expect([optimizer.beta, optimizer.mode]).toEqual([options.beta ?? 0.9, options.mode ?? "sum"]);
});

test("getWeights and setWeights carry every slot and number", async () => {
  const [variables, others] = [0, 1].map(() => [tf.variable(tf.ones([2]), true, `w${Math.random()}`)]);
  const [optimizer, again] = [new Whole(), new Whole()];
  const step = (of: typeof optimizer, held: tf.Variable[]) => of.apply([tf.tensor([1, -2])], held);
  for (let i = 0; i < 3; i++) step(optimizer, variables as tf.Variable[]);
  others?.[0]?.assign(variables?.[0] as tf.Tensor);
  step(again, others as tf.Variable[]);
  others?.[0]?.assign(variables?.[0] as tf.Tensor);
  await again.setWeights(await optimizer.getWeights());
  step(optimizer, variables as tf.Variable[]);
  step(again, others as tf.Variable[]);
  expect(others?.[0]?.dataSync()).toEqual(variables?.[0]?.dataSync());
});

function createModel(optimizer: tf.Optimizer): tfl.LayersModel {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] });
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

test("saveWeights keeps its state, and loadWeights gives it back", async () => {
  const [x, y] = [tf.ones([4, 3]), tf.zeros([4, 2])];
  const [model, other] = [createModel(new Whole()), createModel(new Whole())];
  for (let i = 0; i < 3; i++) await model.trainOnBatch(x, y);
  expect(await loadWeights(other, await saveWeights(model))).toEqual({
    optimizer: true,
    optimizerProblem: null,
    notes: [],
  });
  for (const each of [model, other]) await each.trainOnBatch(x, y);
  const bits = (of: tfl.LayersModel) => of.getWeights().map((weight) => weight.dataSync());
  expect(bits(other)).toEqual(bits(model));
});

test("a LossScaleOptimizer's config may hold one, through customObjects", () => {
  const config = new LossScaleOptimizer(new Whole({ beta: 0.5 })).getConfig();
  const again = LossScaleOptimizer.fromConfig(config, { Whole });
  expect(again.innerOptimizer).toBeInstanceOf(Whole);
  expect(again.getConfig()).toEqual(config);
  expect(() => LossScaleOptimizer.fromConfig(config)).toThrow(/class_name .* customObjects/);
});
