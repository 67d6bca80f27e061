// Arrays of one face that are passed to another: the message names the face that trains them.
import "@tensorflow/tfjs-backend-cpu";
import { init, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import * as jax from "rmsprop/jax";
import * as tfjs from "rmsprop/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "./backends.js";

beforeAll(async () => {
  await startBackend("cpu");
  await init("cpu");
});

const buffer = { getMappedRange: () => new ArrayBuffer(8), usage: 128, size: 8 };
const gpuVariable = { device: {}, buffer, byteOffset: 0, name: "v", shape: [2] };

/** What belongs to which face. */
const ARRAYS: readonly (readonly [string, () => unknown, string])[] = [
  ["a tf.Variable", () => tf.variable(tf.tensor1d([1, 2])), "rmsprop/tfjs"],
  ["a tensor", () => tf.tensor1d([1, 2]), "rmsprop/tfjs"],
  ["an array of jax-js", () => np.array([1, 2]), "rmsprop/jax"],
  ['a Variable of "rmsprop/jax"', () => new jax.Variable([1, 2]), "rmsprop/jax"],
  ["a GPUBuffer", () => buffer, "rmsprop/webgpu"],
  ["a GpuVariable", () => gpuVariable, "rmsprop/webgpu"],
  ["a Variable of core", () => new core.Variable([1, 2]), "rmsprop"],
];

/** Where something is passed in the place of a variable or of a gradient. */
const FACES: readonly (readonly [string, (array: never) => unknown, (array: never) => unknown])[] = [
  [
    "rmsprop",
    (array) => new core.RMSprop().apply([[1, 2]], [array]),
    (array) => new core.RMSprop().apply([array], [new core.Variable([1, 2])]),
  ],
  [
    "rmsprop/tfjs",
    (array) => new tfjs.RMSprop().apply([tf.tensor1d([1, 2])], [array]),
    (array) => new tfjs.RMSprop().apply([array], [tf.variable(tf.tensor1d([1, 2]))]),
  ],
  [
    "rmsprop/jax",
    (array) => new jax.RMSprop().apply([np.array([1, 2])], [array]),
    (array) => new jax.RMSprop().apply([array], [new jax.Variable([1, 2])]),
  ],
];

describe.each(FACES)("%s", (here, asVariable, asGradient) => {
  test.each(ARRAYS.filter(([, , face]) => face !== here))("is told whose %s is", (_, create, face) => {
    const says = `Take the optimizer from "${face}", to which it belongs.`;
    for (const act of [asVariable, asGradient]) {
      expect(() => act(create() as never)).toThrow(TypeError);
      expect(() => act(create() as never)).toThrow(says);
    }
  });

  test.each([
    ["a date", new Date(0)],
    ["a string", "weights"],
    ["an empty object", {}],
    ["nothing", undefined],
  ])("says what to pass instead of %s", (_, value) => {
    expect(() => asVariable(value as never)).toThrow(/must be/);
    expect(() => asVariable(value as never)).not.toThrow(/to which it belongs/);
  });
});

test("a Variable of core takes no tensor, and names the face for it", () => {
  expect(() => new core.Variable(tf.tensor1d([1, 2]) as never)).toThrow(
    'Variable: value must be numbers; received value=an object of Tensor. Take the optimizer from "rmsprop/tfjs"',
  );
});

describe("applyGradients", () => {
  const optimizers = [
    ["RMSprop", () => new tfjs.RMSprop()],
    ["LossScaleOptimizer", () => new tfjs.LossScaleOptimizer(new tfjs.RMSprop())],
  ] as const;
  test.each(optimizers)("of %s asks for the grads of what tf.variableGrads returns", (owner, create) => {
    const v = tf.variable(tf.tensor1d([1, 2]));
    const optimizer = create();
    const f = (): tf.Scalar => tf.sum(tf.square(v));
    for (const returned of [tf.variableGrads(f), optimizer.computeGradients(f)]) {
      expect(() => optimizer.applyGradients(returned as never)).toThrow(
        `${owner}: gradients must be an object of tensors by the names of their variables; received gradients={ value, grads }. Pass its .grads.`,
      );
    }
    expect(optimizer.iterations).toBe(0);
  });

  test("takes gradients of variables that are called value and grads", () => {
    const [value, grads] = ["value", "grads"].map((name) => tf.variable(tf.tensor1d([1, 2]), true, name));
    const optimizer = new tfjs.RMSprop();
    optimizer.applyGradients({ value: tf.tensor1d([1, 2]), grads: tf.tensor1d([1, 2]) });
    expect([value, grads].map((each) => each?.dataSync()[0] !== 1)).toEqual([true, true]);
    tf.disposeVariables();
  });
});
