// One step in every form: minimize, computeGradients, applyGradients, apply; losses that are scaled, gradients that are null.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { LossScaleOptimizer, RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { expect, test, vi } from "vitest";
import { bits, bitsOf, ENGINES, memory, variable } from "./backends.js";
import { onSomeBackend } from "./suite.js";

/** Half the sum of squares: each variable is its own gradient. */
const halfSquares = (variables: readonly tf.Variable[]): tf.Scalar =>
  tf.div(tf.addN(variables.map((each) => tf.sum(tf.square(each)))), 2);

/** What the loss is multiplied by before gradients are taken, seen from inside of it. */
function spiedLoss(of: tf.Variable, seen: number[]): () => tf.Scalar {
  const sum = tf.customGrad((x) => ({
    value: tf.sum(x as tf.Tensor),
    gradFunc: (dy) => {
      seen.push(dy.dataSync()[0] ?? Number.NaN);
      return tf.mul(tf.onesLike(x as tf.Tensor), dy);
    },
  }));
  return () => sum(of) as tf.Scalar;
}

onSomeBackend((backend) => {
  test("the example of Keras' page, which has no minimize any more", () => {
    const optimizer = new RMSprop({ learningRate: 0.1 });
    const v = variable(10);
    expect(optimizer.minimize(() => tf.div(tf.square(v), 2), [v])).toBeNull();
    expect(bitsOf(v)).toBe(bits([9.683772]));
    expect([optimizer.iterations, optimizer.engine]).toEqual([1, ENGINES[backend]]);
    tf.dispose([v]);
    optimizer.dispose();
  });

  const FORMS: readonly (readonly [
    string,
    (optimizer: RMSprop, a: tf.Variable, b: tf.Variable) => tf.Scalar | null,
  ])[] = [
    ["minimize(f)", (optimizer, a, b) => optimizer.minimize(() => halfSquares([a, b]))],
    ["minimize(f, varList)", (optimizer, a, b) => optimizer.minimize(() => halfSquares([a, b]), [a, b])],
    ["minimize(f, false, varList)", (optimizer, a, b) => optimizer.minimize(() => halfSquares([a, b]), false, [b, a])],
    ["minimize(f, true)", (optimizer, a, b) => optimizer.minimize(() => halfSquares([a, b]), true)],
    ["minimize(f, true, varList)", (optimizer, a, b) => optimizer.minimize(() => halfSquares([a, b]), true, [a, b])],
    [
      "computeGradients and applyGradients",
      (optimizer, a, b) => {
        const { value, grads } = optimizer.computeGradients(() => halfSquares([a, b]));
        optimizer.applyGradients(grads);
        tf.dispose(grads);
        return value;
      },
    ],
    [
      "applyGradients with a list",
      (optimizer, a, b) => {
        const gradients = [b, a].map(({ name }, i) => ({ name, tensor: tf.clone([b, a][i] ?? a) }));
        optimizer.applyGradients(gradients);
        tf.dispose(gradients.map(({ tensor }) => tensor));
        return null;
      },
    ],
    [
      "apply(gradients, variables)",
      (optimizer, a, b) => {
        const gradients = [a.clone(), b.clone()];
        optimizer.apply(gradients, [a, b]);
        tf.dispose(gradients);
        return null;
      },
    ],
    [
      "variables as gradients of themselves",
      (optimizer, a, b) => {
        optimizer.apply([a, b], [a, b]);
        return null;
      },
    ],
  ];
  test.each(FORMS)("%s has the bits of core", (form, step) => {
    const options: RMSpropOptions = { learningRate: 0.1, momentum: 0.9, centered: true };
    const [optimizer, reference] = [new RMSprop(options), new core.RMSprop(options)];
    const [a, b] = [variable([1, -2, 3], "a"), variable([[0.5], [-0.25]], "b")];
    const [ours, theirs] = [Float32Array.of(1, -2, 3), Float32Array.of(0.5, -0.25)];
    for (let i = 0; i < 4; i++) {
      const before = [...ours, ...theirs].reduce((sum, value) => sum + value ** 2, 0) / 2;
      const cost = step(optimizer, a, b);
      expect(cost === null).toBe(!/true|compute/.test(form));
      if (cost) expect(cost.dataSync()[0]).toBeCloseTo(before, 5);
      tf.dispose(cost ?? []);
      reference.apply([ours.slice(), theirs.slice()], [ours, theirs]);
    }
    expect([a, b].map(bitsOf)).toEqual([ours, theirs].map(bits));
    expect(optimizer.iterations).toBe(4);
    for (const made of [optimizer, reference, a, b]) made.dispose();
  });

  test("each variable as the gradient of the other: both are read as they were before the step", () => {
    const optimizer = new RMSprop({ learningRate: 0.1, globalClipnorm: 1 });
    const [a, b] = [variable([1, 2], "a"), variable([3, -4], "b")];
    const copies = [a, b].map((each) => each.clone());
    const twin = new RMSprop({ learningRate: 0.1, globalClipnorm: 1 });
    const others = [variable([1, 2], "c"), variable([3, -4], "d")];
    optimizer.apply([b, a], [a, b]);
    twin.apply([...copies].reverse(), others);
    expect([a, b].map(bitsOf)).toEqual(others.map(bitsOf));
    for (const made of [optimizer, twin, a, b, ...copies, ...others]) made.dispose();
  });

  test("gradients stay their caller's, and the cost is the caller's, too", () => {
    const optimizer = new RMSprop();
    const v = variable([1, 2]);
    const gradient = tf.tensor1d([1, 1]);
    optimizer.applyGradients({ [v.name]: gradient });
    expect([...gradient.dataSync()]).toEqual([1, 1]);
    const { numTensors } = memory();
    const cost = optimizer.minimize(() => halfSquares([v]), true);
    expect(memory().numTensors).toBe(numTensors + 1);
    tf.tidy(() => {
      optimizer.minimize(() => halfSquares([v]), true);
    });
    expect(memory().numTensors).toBe(numTensors + 1);
    tf.dispose([v, gradient, ...(cost ? [cost] : [])]);
    optimizer.dispose();
  });

  test("variables that are not trainable stay as they are, even in varList", () => {
    const optimizer = new RMSprop({ learningRate: 0.1, useEma: true, emaOverwriteFrequency: 1, weightDecay: 0.1 });
    const trained = variable([1, 2]);
    const fixed = variable([0.1, 0.2], "fixed", false);
    const counter = tf.tidy(() => tf.variable(tf.scalar(3, "int32"), false));
    for (let i = 0; i < 3; i++) optimizer.minimize(() => halfSquares([trained, fixed]), [fixed, trained, counter]);
    expect([bitsOf(fixed), counter.dataSync()[0]]).toEqual([bits([0.1, 0.2]), 3]);
    expect(optimizer.trainedVariables).toEqual([trained]);
    for (const made of [optimizer, trained, fixed, counter]) made.dispose();
  });

  test("variables without a gradient stay as they are, and are warned of once", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const optimizer = new RMSprop({ momentum: 0.9, weightDecay: 0.1 });
    const [a, b] = [variable([1], `with-${backend}`), variable([2], `without-${backend}`)];
    const gradient = tf.tensor1d([1]);
    for (let i = 0; i < 2; i++) {
      optimizer.apply([gradient, null], [a, b]);
      // TensorFlow.js' own minimize passes undefined, and null for what is not trainable.
      const missing = { name: b.name, tensor: undefined } as unknown as { name: string; tensor: tf.Tensor };
      optimizer.applyGradients([{ name: a.name, tensor: gradient }, missing]);
      optimizer.applyGradients({ [a.name]: gradient });
      optimizer.minimize(() => halfSquares([a]), [a, b]);
    }
    expect(bitsOf(b)).toBe(bits([2]));
    expect(optimizer.iterations).toBe(8);
    expect(
      optimizer.variables.filter(({ name }) => name.startsWith("without")).flatMap(({ value }) => [...value]),
    ).toEqual([0, 0]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining(`no gradients for without-${backend}`)]]);
    vi.restoreAllMocks();
    for (const made of [optimizer, a, b, gradient]) made.dispose();
  });

  test("no gradients at all are no step", () => {
    const optimizer = new RMSprop({ learningRate: () => Number.NaN });
    optimizer.applyGradients({});
    optimizer.applyGradients([]);
    expect(optimizer.iterations).toBe(0);
    optimizer.dispose();
  });

  test.each([2 ** 15, 3, 0.1])("with lossScaleFactor %d the loss is scaled before gradients are taken", (factor) => {
    const optimizer = new RMSprop({ learningRate: 0.1, lossScaleFactor: factor });
    const reference = new core.RMSprop({ learningRate: 0.1, lossScaleFactor: factor });
    const v = variable([1, 2]);
    const ours = Float32Array.of(1, 2);
    const seen: number[] = [];
    const cost = optimizer.minimize(spiedLoss(v, seen), true);
    reference.apply([Float32Array.of(factor, factor)], [ours]);
    expect(seen).toEqual([Math.fround(factor)]);
    expect(cost?.dataSync()[0]).toBe(3);
    expect(bitsOf(v)).toBe(bits(ours));
    const scaled = tf.tidy(() => optimizer.scaleLoss(tf.scalar(2)).dataSync()[0]);
    expect(scaled).toBe(Math.fround(2 * Math.fround(factor)));
    for (const made of [optimizer, reference, v, ...(cost ? [cost] : [])]) made.dispose();
  });

  test("computeGradients and applyGradients are minimize in two steps, with a loss scale, too", () => {
    const make = (): (RMSprop | LossScaleOptimizer)[] => [
      new RMSprop({ learningRate: 0.1, lossScaleFactor: 3 }),
      new LossScaleOptimizer(new RMSprop({ learningRate: 0.1 }), { initialScale: 8, dynamicGrowthSteps: 2 }),
    ];
    const [whole, parts] = [make(), make()];
    for (const [i, optimizer] of whole.entries()) {
      const [v, twin] = [variable([1, 2]), variable([1, 2])];
      for (let call = 0; call < 3; call++) {
        optimizer.minimize(() => halfSquares([v]), [v]);
        const computed = parts[i]?.computeGradients(() => halfSquares([twin]), [twin]);
        expect(computed?.value.dataSync()[0]).toBe(tf.tidy(() => halfSquares([twin]).dataSync()[0]));
        parts[i]?.applyGradients(computed?.grads ?? {});
        tf.dispose(computed ? [computed.value, computed.grads] : []);
      }
      expect(bitsOf(twin)).toBe(bitsOf(v));
      tf.dispose([v, twin]);
    }
    for (const made of [...whole, ...parts]) made.dispose();
  });

  test("without a loss scale, scaleLoss gives the loss", () => {
    const optimizer = new RMSprop();
    const loss = tf.scalar(2);
    expect(optimizer.scaleLoss(loss)).toBe(loss);
    tf.dispose(loss);
    optimizer.dispose();
  });

  test("the learning rate: a number that can be set, a schedule by calls, a function before each step", () => {
    const v = variable([1]);
    const gradient = tf.tensor1d([1]);
    const step = (optimizer: RMSprop): void => optimizer.apply([gradient], [v]);
    const number = new RMSprop({ learningRate: 0.1 });
    number.learningRate = 0.5;
    expect(number.learningRate).toBe(0.5);
    const asked: number[] = [];
    class Spy extends core.LearningRateSchedule {
      override call(call: number): number {
        asked.push(call);
        return 1 / (call + 1);
      }
    }
    const scheduled = new RMSprop({ learningRate: new Spy(), gradientAccumulationSteps: 2 });
    for (let i = 0; i < 4; i++) step(scheduled);
    expect(asked).toEqual([0, 1, 2, 3]); // calls, not updates
    expect([scheduled.iterations, scheduled.learningRate]).toEqual([2, 1 / 5]);
    expect(() => Object.assign(scheduled, { learningRate: 0.1 })).toThrow(/learningRate must stay a schedule/);
    let calls = 0;
    const asking = new RMSprop({ learningRate: () => 0.1 * ++calls });
    for (let i = 0; i < 3; i++) step(asking);
    expect(calls).toBe(3);
    for (const made of [v, gradient, number, scheduled, asking]) made.dispose();
  });
});

onSomeBackend((backend) => {
  test("LossScaleOptimizer multiplies the loss, divides the gradients, and gives the loss itself", () => {
    const inner = new RMSprop({ learningRate: 0.1 });
    const optimizer = new LossScaleOptimizer(inner, { initialScale: 1024 });
    const plain = new RMSprop({ learningRate: 0.1 });
    const [v, twin] = [variable([1, 2]), variable([1, 2])];
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      const cost = optimizer.minimize(spiedLoss(v, seen), true, [v]);
      const expected = plain.minimize(spiedLoss(twin, []), true, [twin]);
      expect(cost?.dataSync()).toEqual(expected?.dataSync());
      tf.dispose([cost, expected].filter((tensor) => tensor !== null));
    }
    expect(seen).toEqual([1024, 1024, 1024]);
    expect(bitsOf(v)).toBe(bitsOf(twin));
    expect([optimizer.iterations, optimizer.stepCounter, optimizer.dynamicScale, optimizer.learningRate]).toEqual([
      3,
      3,
      1024,
      plain.learningRate,
    ]);
    expect(tf.tidy(() => optimizer.scaleLoss(tf.scalar(2)).dataSync()[0])).toBe(2048);
    expect(inner.engine).toBe(ENGINES[backend]);
    for (const made of [optimizer, plain, v, twin]) made.dispose();
  });

  const OVERFLOWING: readonly (readonly [string, (optimizer: LossScaleOptimizer, v: tf.Variable) => void])[] = [
    ["minimize", (optimizer, v) => void optimizer.minimize(() => tf.sum(tf.mul(v, 2)), [v])],
    [
      "applyGradients",
      (optimizer, v) =>
        tf.tidy(() => optimizer.applyGradients({ [v.name]: tf.tensor1d([1, Number.POSITIVE_INFINITY]) })),
    ],
    ["apply, with NaN", (optimizer, v) => tf.tidy(() => optimizer.apply([tf.tensor1d([Number.NaN, 1])], [v]))],
  ];
  test.each(OVERFLOWING)("a step that overflows in %s is left out and halves the scale", (_, overflow) => {
    const optimizer = new LossScaleOptimizer(new RMSprop({ momentum: 0.9, useEma: true }), { initialScale: 2 ** 127 });
    const v = variable([1, 2]);
    overflow(optimizer, v);
    expect(bitsOf(v)).toBe(bits([1, 2]));
    expect([optimizer.iterations, optimizer.stepCounter, optimizer.dynamicScale]).toEqual([0, 0, 2 ** 126]);
    tf.tidy(() => optimizer.apply([tf.fill([2], 2 ** 126)], [v]));
    expect([optimizer.iterations, optimizer.stepCounter, optimizer.dynamicScale]).toEqual([1, 1, 2 ** 126]);
    expect(bitsOf(v)).not.toBe(bits([1, 2]));
    overflowOnce(optimizer, v);
    expect([optimizer.iterations, optimizer.stepCounter, optimizer.dynamicScale]).toEqual([1, 0, 2 ** 125]);
    optimizer.dispose();
    v.dispose();
  });

  test("the cost of a step that is left out is returned all the same", () => {
    const optimizer = new LossScaleOptimizer(new RMSprop(), { initialScale: 2 ** 127 });
    const v = variable([1, 2]);
    const cost = optimizer.minimize(() => tf.sum(tf.mul(v, 4)), true, [v]);
    expect([cost?.dataSync()[0], optimizer.iterations]).toEqual([12, 0]);
    for (const made of [optimizer, v, ...(cost ? [cost] : [])]) made.dispose();
  });

  test("after dynamicGrowthSteps finite steps in a row the scale doubles", () => {
    const optimizer = new LossScaleOptimizer(new RMSprop(), { initialScale: 8, dynamicGrowthSteps: 3 });
    const v = variable([1, 2]);
    const scales = [];
    for (let i = 0; i < 8; i++) {
      if (i === 4) overflowOnce(optimizer, v);
      else optimizer.minimize(() => halfSquares([v]), [v]);
      scales.push([optimizer.dynamicScale, optimizer.stepCounter]);
    }
    expect(scales).toEqual([
      [8, 1],
      [8, 2],
      [16, 0],
      [16, 1],
      [8, 0],
      [8, 1],
      [8, 2],
      [16, 0],
    ]);
    expect(optimizer.iterations).toBe(7);
    optimizer.dispose();
    v.dispose();
  });

  test("a step that throws does not touch the scale", () => {
    const optimizer = new LossScaleOptimizer(new RMSprop(), { initialScale: 8, dynamicGrowthSteps: 1 });
    const v = variable([1, 2]);
    expect(() => optimizer.minimize(() => tf.scalar(1), [v])).toThrow(/connection/);
    expect(() => tf.tidy(() => optimizer.apply([tf.scalar(1)], [v]))).toThrow(/shape/);
    expect([optimizer.dynamicScale, optimizer.stepCounter]).toEqual([8, 0]);
    optimizer.dispose();
    v.dispose();
  });
});

function overflowOnce(optimizer: LossScaleOptimizer, v: tf.Variable): void {
  tf.tidy(() => optimizer.apply([tf.fill(v.shape, Number.NEGATIVE_INFINITY)], [v]));
}
