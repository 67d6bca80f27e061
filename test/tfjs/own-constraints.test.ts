// Constraints of layers that are code of the user's: applied as tensors after each step, which changes nothing when they fail.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { StateError } from "rmsprop";
import { RMSprop, SGD } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { memory } from "./backends.js";
import { type Constraint, createModel, end, numberOf, Own, weightOf } from "./constrained-models.js";
import { onSomeStrategy } from "./suite.js";
import { everythingOf } from "./support.js";

onSomeStrategy(() => {
  test("is applied as tensors after the step, among others", () => {
    const optimizer = new SGD({ learningRate: 1 });
    const seen: number[] = [];
    const halve = new Own((weights) => {
      seen.push(weights.dataSync()[0] ?? Number.NaN);
      return tf.div(weights, 2);
    });
    const [own, known, free] = [createModel(halve), createModel("nonNeg"), createModel(undefined)];
    const variables = [own, known, free].map(weightOf);
    for (const model of [own, known, free]) optimizer.constrain(model);
    tf.tidy(() => optimizer.apply(variables.map(({ shape }) => tf.fill(shape, 5)), variables)); // biome-ignore format: one step
    expect(seen).toEqual([-4]);
    expect(variables.map((each) => each.dataSync()[0])).toEqual([-2, 0, -4]);
    end(own, known, free, optimizer);
  });

  test("that extends one of TensorFlow.js' is what it is, not what that one is", () => {
    const NonNeg = tfl.constraints.nonNeg().constructor as new () => Constraint;
    class AtLeastOne extends NonNeg {
      override apply(weights: tf.Tensor): tf.Tensor {
        return tf.maximum(weights, 1);
      }
    }
    const patched = tfl.constraints.nonNeg();
    patched.apply = (weights) => tf.maximum(weights, 2);
    const optimizer = new SGD({ learningRate: 1 });
    const models = [createModel(new AtLeastOne()), createModel(patched)];
    for (const model of models) optimizer.constrain(model);
    const variables = models.map(weightOf);
    tf.tidy(() => optimizer.apply(variables.map(({ shape }) => tf.fill(shape, 5)), variables)); // biome-ignore format: one step
    expect(models.map(numberOf)).toEqual([1, 2]);
    end(optimizer, ...models);
  });

  const FAULTS: readonly (readonly [string, (weights: tf.Tensor) => unknown, RegExp | string])[] = [
    ["throws", () => { throw new Error("not today"); }, "not today"], // biome-ignore format: a row
    [
      "returns nothing",
      () => undefined,
      /constraint of .*kernel must return a float32 tensor of shape \[1,1\]; received/,
    ],
    ["returns a promise", async (weights) => weights, /must return a float32 tensor/],
    ["returns another shape", () => tf.ones([2]), /received .*=a tensor of shape \[2\]/],
    ["returns integers", (weights) => tf.cast(weights, "int32"), /must return a float32 tensor/],
    ["disposes of its result", (weights) => { const result = tf.neg(weights); result.dispose(); return result; }, /must return/], // biome-ignore format: a row
  ];
  test.each(FAULTS)("that %s is an error, and nothing has changed", (_, act, message) => {
    let isOn = false;
    const own = new Own((weights) => (isOn ? act(weights) : weights));
    const optimizer = new RMSprop({ momentum: 0.9, useEma: true });
    const [model, other] = [createModel(own), createModel("nonNeg")];
    for (const each of [model, other]) optimizer.constrain(each);
    const variables = [weightOf(other), weightOf(model)];
    const step = () => tf.tidy(() => optimizer.apply(variables.map(({ shape }) => tf.fill(shape, 5)), variables)); // biome-ignore format: one step
    step();
    const before = everythingOf(optimizer, variables);
    isOn = true;
    expect(step).toThrow(message);
    expect(everythingOf(optimizer, variables)).toEqual(before);
    isOn = false;
    step();
    expect(optimizer.iterations).toBe(2);
    end(model, other, optimizer);
  });

  test("in the first step of all leaves no slots when it throws", () => {
    const optimizer = new RMSprop({ momentum: 0.9 });
    const model = createModel(new Own(() => null));
    optimizer.constrain(model);
    const before = memory();
    expect(() => tf.tidy(() => optimizer.apply([tf.ones([1, 1])], [weightOf(model)]))).toThrow("must return");
    expect(optimizer.trainedVariables).toEqual([]);
    expect(memory()).toEqual(before);
    end(model, optimizer);
  });

  test("cannot change the optimizer, nor do away with its variable", () => {
    const optimizer = new RMSprop();
    const model = createModel(
      new Own((weights) => {
        optimizer.constrain(model);
        return weights;
      }),
    );
    optimizer.constrain(model);
    const step = () => tf.tidy(() => optimizer.apply([tf.ones([1, 1])], [weightOf(model)]));
    expect(step).toThrow(StateError);
    const doomed = createModel(
      new Own((weights) => {
        doomed.dispose();
        return tf.neg(weights);
      }),
    );
    optimizer.constrain(doomed);
    expect(() => tf.tidy(() => optimizer.apply([tf.ones([1, 1])], [weightOf(doomed)]))).toThrow(/disposed of it/);
    end(model, optimizer);
  });
});
