// A step in place must not be seen through clones, reshaped tensors, snapshots and arrays that share a variable's storage.
import * as tf from "@tensorflow/tfjs-core";
import { LossScaleOptimizer, RMSprop } from "rmsprop/tfjs";
import { expect, test } from "vitest";
import { FRAMEWORKS } from "../contract/reactive.js";
import fc from "../property.js";
import { isWhole } from "../seed.js";
import { bitsOf, variable } from "./backends.js";
import { PROGRAMS, seen } from "./programs.js";
import { onEveryBackend } from "./suite.js";

onEveryBackend((backend) => {
  test("random programs of clones, snapshots, assignments and steps see what they see with the unfused steps", async () => {
    await fc.assert(
      fc.asyncProperty(PROGRAMS, async ([options, actions]) => {
        expect(await seen(options, actions, true)).toEqual(await seen(options, actions, false));
      }),
      // `npm run test:random` and `npm run test:package` draw 150.
      { numRuns: isWhole ? 150 : 40, seed: 11 },
    );
  });

  test("variables that nobody shares are updated without a copy, others with one", () => {
    const optimizer = new RMSprop();
    const [alone, shared] = [variable([1, 2]), variable([3, 4])];
    const gradient = tf.tensor1d([1, 1]);
    const snapshot = tf.reshape(shared, [2]); // on wasm, a clone is a copy
    const step = () => optimizer.apply([gradient, gradient], [alone, shared]);
    step();
    expect(optimizer.stepCounts).toEqual({ fused: 1, composed: 0, copied: backend === "wasm" ? 1 : 0 });
    step();
    expect(optimizer.stepCounts.copied).toBe(backend === "wasm" ? 1 : 0);
    expect([...snapshot.dataSync()]).toEqual([3, 4]);
    for (const made of [optimizer, alone, shared, gradient, snapshot]) made.dispose();
  });

  test("numbers that came out or went in stay what they were", () => {
    const numbers = Float32Array.of(1, 2, 3);
    const trained = tf.tidy(() => tf.variable(tf.tensor1d(numbers)));
    const optimizer = new RMSprop();
    const out = trained.dataSync();
    tf.tidy(() => optimizer.apply([tf.ones([3])], [trained]));
    expect([[...numbers], [...out]]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect([...trained.dataSync()]).not.toEqual([1, 2, 3]);
    trained.dispose();
    optimizer.dispose();
  });

  /** What of a slot becomes a gradient. */
  const SHARES: readonly (readonly [string, (slot: tf.Variable) => tf.Tensor])[] = [
    ["the slot itself", (slot) => slot],
    ["a clone of it", (slot) => slot.clone()],
    ["a tensor of the numbers that it computes on", (slot) => tf.tensor1d(slot.dataSync<"float32">())],
  ];
  test.each(SHARES)("a gradient that is %s is read as it was before the step", (_, gradientOf) => {
    const run = (share: (slot: tf.Variable) => tf.Tensor): string[] => {
      const [a, b] = [variable([1, -2, 3]), variable([4, 5, -6])];
      const optimizer = new RMSprop({ learningRate: 0.1, momentum: 0.9 });
      const known = new Set(Object.values(tf.engine().registeredVariables));
      const [first, second] = [tf.tensor1d([1, 2, -3]), tf.tensor1d([-3, 2, 1])];
      optimizer.apply([first, second], [a, b]);
      const slots = Object.values(tf.engine().registeredVariables).filter((each) => !known.has(each));
      for (const [i, j] of [
        [1, 0],
        [0, 0],
        [3, 2],
        [1, 3],
      ] as const) {
        tf.tidy(() =>
          optimizer.apply(
            [i, j].map((at) => share(slots[at] as tf.Variable)),
            [a, b],
          ),
        );
      }
      const bitsAfter = [a, b, ...slots].map(bitsOf);
      for (const made of [optimizer, a, b, first, second]) made.dispose();
      return bitsAfter;
    };
    expect(run(gradientOf)).toEqual(run((slot) => tf.tensor1d(slot.dataSync<"float32">().slice())));
  });

  test.each(Object.entries(FRAMEWORKS))("%s of a training state works as the state itself", (_, wrap) => {
    const run = (make: typeof wrap): string[] => {
      const own = { optimizer: new RMSprop({ learningRate: 0.1 }), scaled: new LossScaleOptimizer(new RMSprop()) };
      const state = make(own);
      const [v, gradient] = [variable([1, 2]), tf.tensor1d([1, 2])];
      state.optimizer.apply([gradient], [v]);
      state.scaled.apply([gradient], [v]);
      expect([state.optimizer, state.scaled].map((each) => each.iterations)).toEqual([1, 1]);
      const result = [bitsOf(v)];
      for (const made of [own.optimizer, own.scaled, v, gradient]) made.dispose();
      return result;
    };
    expect(run(wrap)).toEqual(run((state) => state));
  });

  test("what the backend has derived from weights, as matMul and conv2d do, follows a step", () => {
    const optimizer = new RMSprop({ learningRate: 0.1 });
    const [kernel, filter] = [variable([[1], [2]]), variable([[[[1]]], [[[2]]]])];
    const outputs = () =>
      tf.tidy(() => [
        bitsOf(tf.matMul(tf.tensor2d([[1, 1]]), kernel)),
        bitsOf(tf.conv2d(tf.ones<tf.Rank.R4>([1, 4, 1, 1]), filter as tf.Variable<tf.Rank.R4>, 1, "valid")),
      ]);
    const before = outputs();
    tf.tidy(() => optimizer.apply([tf.ones([2, 1]), tf.ones([2, 1, 1, 1])], [kernel, filter]));
    const after = outputs();
    const expected = tf.tidy(() => [
      bitsOf(tf.sum(kernel.clone())),
      bitsOf(tf.fill([3], tf.sum(filter).dataSync()[0] ?? 0)),
    ]);
    expect(after).toEqual(expected);
    expect(after).not.toEqual(before);
    for (const made of [optimizer, kernel, filter]) made.dispose();
  });
});
