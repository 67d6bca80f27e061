// The options of Variable: core's are honoured as far as this face has them, and refused by name with what to do instead.
import { inspect } from "node:util";
import { numpy as np } from "@jax-js/jax";
import * as core from "rmsprop";
import { RMSprop, Variable, type VariableOptions } from "rmsprop/jax";
import { expect, test } from "vitest";
import { array, bits, onSomeBackend } from "./backends.js";

onSomeBackend(() => {
  test("shape, name and trainable are honoured, of numbers and of arrays", () => {
    const options = { shape: [2, 2], name: "w", trainable: false };
    for (const value of [[1, 2, 3, 4], new Float32Array([1, 2, 3, 4]), array([1, 2, 3, 4])]) {
      const v = new Variable(value, options);
      expect([v.shape, v.size, v.name, v.trainable]).toEqual([[2, 2], 4, "w", false]);
      expect(v.toArray()).toEqual([
        [1, 2],
        [3, 4],
      ]);
      v.dispose();
    }
    const [one, none] = [new Variable(5, { shape: [1, 1] }), new Variable([], { shape: [0, 3] })];
    expect([one.shape, one.trainable, none.shape, none.size]).toEqual([[1, 1], true, [0, 3], 0]);
    one.dispose();
    none.dispose();
  });

  test("it is printed with its numbers, is them in JSON, and tells whoever clones it what to clone", () => {
    const v = new Variable([1, 2.5], { name: "w" });
    expect(inspect(v)).toBe("Variable w float32 [2] [1.0, 2.5]");
    expect(JSON.stringify(v)).toBe("[1,2.5]");
    expect(() => structuredClone(v)).toThrow("clone variable.value");
    v.dispose();
    expect(inspect(v)).toBe("Variable w float32 [2] (disposed)");
  });

  test("a variable of another shape trains as one of its own", () => {
    const [v, twin] = [
      new Variable([1, 2, 3, 4], { shape: [2, 2] }),
      new Variable([
        [1, 2],
        [3, 4],
      ]),
    ];
    const optimizer = new RMSprop();
    optimizer.minimize(() => np.square(v.ref).sum().add(np.square(twin.ref).sum()), [v, twin]);
    expect(bits(v.value)).toBe(bits(twin.value));
    for (const made of [v, twin, optimizer]) made.dispose();
  });

  test("what says the default of core is taken", () => {
    const v = new Variable([1], { dtype: "float32", constraint: null, overwriteWithGradient: false });
    expect(v.dtype).toBe("float32");
    v.dispose();
  });

  test.each([{}, { gradientAccumulationSteps: 2, weightDecay: 0.1, lossScaleFactor: 4, useEma: true }])(
    "one that takes its gradient holds what core's holds: %o",
    (options) => {
      const [v, other] = [new Variable([1, 2], { overwriteWithGradient: true }), new Variable([3])];
      const [twin, second] = [new core.Variable([1, 2], { overwriteWithGradient: true }), new core.Variable([3])];
      const [optimizer, reference] = [new RMSprop(options), new core.RMSprop(options)];
      for (const gradient of [
        [3, -1],
        [2, 5],
        [-7, -8],
        [4, 4],
        [1, 1],
      ]) {
        optimizer.apply([array(gradient), array([1])], [v, other]);
        reference.apply([gradient, [1]], [twin, second]);
        expect([bits(v.value), bits(other.value)]).toEqual([bits(twin.value), bits(second.value)]);
      }
      for (const made of [v, other, twin, second, optimizer, reference]) made.dispose();
    },
  );

  test.each<readonly [string, unknown, RegExp]>([
    ["an unknown option", { shapes: [2] }, /^Variable: shapes must be a known argument; .*Did you mean shape\?$/],
    ["Keras' spelling", { overwrite_with_gradient: true }, /Did you mean overwriteWithGradient\?$/],
    ["a shape of another size", { shape: [3] }, /shape must hold as many elements as value, which has 2; .*=\[3\]\./],
    ["a shape that is a number", { shape: 2 }, /shape must be an array of numbers/],
    ["another type", { dtype: "float64" }, /dtype must be float32, .*received dtype="float64"\. .*core for float64\.$/],
    [
      "a constraint",
      { constraint: new core.constraints.NonNeg() },
      /constraint must be null, .*After each step, v\.assign/,
    ],
    ["a function as constraint", { constraint: () => [0, 0] }, /constraint must be null, .*v\.assign\(np\.array/],
    ["a text for a yes", { overwriteWithGradient: "yes" }, /overwriteWithGradient must be true or false/],
    ["trainable as a number", { trainable: 1 }, /trainable must be true or false; received trainable=1/],
    ["a name with a slash", { name: "a/b" }, /name must be a string without \//],
    ["no object", "w", /options must be one object; received options="w"/],
  ])("%s is refused by name, and the array stays the caller's", (_, options, message) => {
    const given = array([1, 2]);
    for (const value of [given, [1, 2]]) {
      expect(() => new Variable(value, options as VariableOptions)).toThrow(message);
    }
    expect(given.refCount).toBe(1);
    given.dispose();
  });

  test("what the message says in place of a constraint works", () => {
    const v = new Variable([-1, 2, -3, 4], { shape: [2, 2] });
    const constraint = new core.constraints.MaxNorm({ maxValue: 1, axis: null });
    const fn = (value: Float32Array, shape: readonly number[]) =>
      constraint.call(value, shape) as Float32Array<ArrayBuffer>;
    v.assign(np.array(fn(v.value, v.shape)).reshape([...v.shape]));
    expect(Math.hypot(...v.value)).toBeCloseTo(1, 6);
    v.dispose();
  });

  test("a loss of infinity is taken, as in Keras", () => {
    const v = new Variable([1, 2]);
    const optimizer = new RMSprop();
    expect(optimizer.minimize(() => np.square(v.ref).sum().add(Infinity), [v])).toBe(Infinity);
    expect(optimizer.iterations).toBe(1);
    expect(v.value.every(Number.isFinite)).toBe(true);
    for (const made of [v, optimizer]) made.dispose();
  });
});
