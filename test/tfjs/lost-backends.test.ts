// Backends that were removed, with all that they held, and backends that are not there yet.
import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "rmsprop";
import { RMSprop } from "rmsprop/tfjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bitsOf, startBackend, variable } from "./backends.js";
import { everythingOf, thrownBy } from "./support.js";

const sum = (v: tf.Variable): tf.Scalar => tf.sum(tf.square(v));

describe.each(["fused", "composed"])("a backend that was removed or is not there yet, %s", (kind) => {
  beforeEach(() => tf.env().set("RMSPROP_FUSED", kind === "fused"));
  afterEach(() => tf.env().set("RMSPROP_FUSED", true));

  /** A second cpu backend, current while `fill` runs. */
  async function elsewhere<T>(fill: () => T): Promise<T> {
    await startBackend("cpu");
    const create = tf.findBackendFactory("cpu");
    tf.registerBackend("elsewhere", () => create());
    tf.copyRegisteredKernels("cpu", "elsewhere");
    await tf.setBackend("elsewhere");
    const result = fill();
    await startBackend("cpu");
    return result;
  }

  test("its variables, gradients and slots are refused by name, before anything changes", async () => {
    await startBackend("cpu");
    const optimizer = new RMSprop({ momentum: 0.9 });
    const good = variable([1, 2], "good");
    optimizer.minimize(() => sum(good), [good]);
    const lost = await elsewhere(() => {
      const made = { v: variable([3], "lost"), gradient: tf.ones([2]), moved: variable([4], "moved") };
      optimizer.minimize(() => sum(made.moved), [made.moved]);
      return made;
    });
    lost.moved.assign(tf.tensor1d([5])); // its values come to this backend, its slots stay
    tf.removeBackend("elsewhere");
    const ones = [tf.ones([2]), tf.ones([1])];
    const before = [bitsOf(good), bitsOf(lost.moved), optimizer.iterations];
    const attempts: readonly (readonly [() => unknown, RegExp])[] = [
      [
        () => optimizer.apply(ones, [good, lost.v]),
        /^RMSprop: variable lost is on a backend of TensorFlow.js that was removed\. .*make a new one/,
      ],
      [() => optimizer.apply([lost.gradient], [good]), /^RMSprop: the gradient of good is on a backend/],
      [() => optimizer.apply(ones, [good, lost.moved]), /^RMSprop: the velocity of moved is on a backend/],
    ];
    for (const [attempt, message] of attempts) {
      const error = thrownBy(attempt);
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(message);
      expect([bitsOf(good), bitsOf(lost.moved), optimizer.iterations]).toEqual(before);
    }
    tf.disposeVariables();
    tf.dispose(ones);
  });

  test("one that is not ready is refused by TensorFlow.js itself, before anything changes", async () => {
    await startBackend("cpu");
    const optimizer = new RMSprop();
    const v = variable([1, 2], "v");
    optimizer.apply([v], [v]);
    const before = everythingOf(optimizer, [v]);
    tf.registerBackend("slow", async () => tf.findBackendFactory("cpu")());
    const starting = tf.setBackend("slow");
    expect(() => optimizer.apply([v], [v])).toThrow(/'slow' has not yet been initialized/);
    await starting;
    await startBackend("cpu");
    tf.removeBackend("slow");
    expect(everythingOf(optimizer, [v])).toEqual(before);
    for (const made of [optimizer, v]) made.dispose();
  });

  test("another one of the same name is not mistaken for it, and what was moved before goes on", async () => {
    const optimizer = new RMSprop();
    const [v, kept] = await elsewhere(() => [variable([3], "v"), variable([4], "kept")] as const);
    kept.dataSync();
    tf.dispose(tf.add(kept, 0)); // read by the current backend: it lives here now
    tf.removeBackend("elsewhere");
    await elsewhere(() => undefined);
    expect(() => optimizer.minimize(() => tf.sum(kept), [v, kept])).toThrow(/variable v is on a backend/);
    optimizer.minimize(() => tf.sum(kept), [kept]);
    expect(optimizer.iterations).toBe(1);
    tf.removeBackend("elsewhere");
    tf.disposeVariables();
  });
});
