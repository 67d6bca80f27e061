// Layers' constraints on TensorFlow.js' webgpu backend: Keras' run as kernels behind the step - their bits are in
// tfjs-keras.test.ts -, those of the user's as tensors; nothing stays behind.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { type Optimizer, RMSprop, SGD } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { memory, variable } from "../tfjs/backends.js";
import { createModel, end, Own, weightOf } from "../tfjs/constrained-models.js";
import { numbersOf, useTensors, watchOwnBuffers } from "./tensors.js";

useTensors();

const step = (optimizer: Optimizer, variables: readonly tf.Variable[], gradient: number): void =>
  tf.tidy(() =>
    optimizer.apply(
      variables.map(({ shape }) => tf.fill(shape, gradient)),
      variables,
    ),
  );

test("one of the user's is applied as tensors after the fused step, in the order of the device", async () => {
  const optimizer = new SGD({ learningRate: 1 });
  const [own, known] = [createModel(new Own((weights) => tf.div(weights, 2))), createModel("nonNeg")];
  const variables = [own, known].map(weightOf);
  for (const model of [own, known]) optimizer.constrain(model);
  for (let i = 0; i < 2; i++) step(optimizer, variables, 5);
  // (1 - 5) / 2 = -2, (-2 - 5) / 2 = -3.5
  expect(await Promise.all(variables.map(numbersOf))).toEqual([[-3.5], [0]]);
  expect(optimizer.stepCounts).toMatchObject({ fused: 2, composed: 0 });
  end(own, known, optimizer);
});

test("one of the user's that fails changes nothing", async () => {
  const optimizer = new RMSprop({ momentum: 0.9 });
  const [own, known] = [createModel(new Own(() => null)), createModel("nonNeg")];
  const variables = [known, own].map(weightOf);
  for (const model of [own, known]) optimizer.constrain(model);
  expect(() => step(optimizer, variables, 5)).toThrow("must return a float32 tensor");
  expect(await Promise.all(variables.map(numbersOf))).toEqual([[1], [1]]);
  expect(optimizer.iterations).toBe(0);
  end(own, known, optimizer);
});

test("a step that only gathers takes norms, too, and a clone keeps its numbers", async () => {
  const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 2 });
  const weight = variable([3, 4]);
  const constraint = tfl.constraints.unitNorm({ axis: 0 });
  optimizer.constrain({ weights: [{ name: "weight", constraint, read: () => weight }] });
  const clone = weight.clone();
  step(optimizer, [weight], 1);
  expect(await numbersOf(clone)).toEqual([3, 4]);
  expect((await numbersOf(weight))[0]).toBeCloseTo(0.6, 6);
  end(optimizer, weight, clone);
});

test("as many tensors and buffers after each of 200 steps, and all given back in the end", async () => {
  const live = watchOwnBuffers();
  const before = live();
  const optimizer = new RMSprop({ momentum: 0.9, gradientAccumulationSteps: 2 });
  const { maxNorm, nonNeg, unitNorm } = tfl.constraints;
  const constraints = [unitNorm({ axis: 0 }), nonNeg(), new Own((weights) => tf.neg(weights)), maxNorm({ axis: 0 })];
  const models = constraints.map((constraint) => createModel(constraint));
  const variables = models.map(weightOf);
  const next = (): void => {
    for (const model of models) optimizer.constrain(model);
    step(optimizer, variables, 3);
  };
  for (let i = 0; i < 4; i++) next();
  const [tensors, buffers] = [memory(), live()];
  for (let i = 0; i < 200; i++) next();
  await numbersOf(variables[0] as tf.Variable); // it is there
  expect([memory(), live()]).toEqual([tensors, buffers]);
  end(optimizer, ...models);
  expect(live()).toBe(before);
});
