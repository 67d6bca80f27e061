// On tensors: norms of gradients, steps that are left out, accumulations that are flushed - as in core, and without a leak.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { Adam, LossScaleOptimizer, loadCheckpoint, type Optimizer, RMSprop, SGD, saveCheckpoint } from "rmsprop/tfjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bits, bitsOf, memory, variable } from "./backends.js";
import { onEveryBackend } from "./suite.js";
import { thrownBy } from "./support.js";

const gradient = (size: number, call: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.fround(Math.cos(3 * i + call)));

const SIZES = [3, 500];

const step = (
  optimizer: Pick<Optimizer, "apply">,
  variables: readonly tf.Variable[],
  call: number,
  bad?: number,
): void =>
  tf.tidy(() => {
    const gradients = SIZES.map((size) => tf.tensor1d([...gradient(size - 1, call), bad ?? 0.5]));
    optimizer.apply(gradients, variables);
  });

const stepOfCore = (optimizer: core.RMSprop, variables: readonly core.Variable[], call: number): void =>
  optimizer.apply(
    SIZES.map((size) => [...gradient(size - 1, call), 0.5]),
    variables,
  );

const start = SIZES.map((size) => gradient(size, 7));
const variables = (): tf.Variable[] => start.map((values) => variable(values));
/** Whether the suite ends with as many tensors as it began with is looked at for each test. */
const giveBack = (optimizers: readonly Pick<Optimizer, "dispose">[], given: readonly tf.Variable[]): void => {
  for (const optimizer of optimizers) optimizer.dispose();
  tf.dispose([...given]);
};

const OPTIONS = [
  { clipnorm: 0.5 },
  { globalClipnorm: 0.5, gradientAccumulationSteps: 3 },
  { trackNorm: true, gradientAccumulationSteps: 3, momentum: 0.9, weightDecay: 0.1 },
];

onEveryBackend(() => {
  test.each(OPTIONS)("with %o, norms and flushed updates are core's in every bit", async (options) => {
    const [optimizer, expected] = [new RMSprop(options), new core.RMSprop(options)];
    const [given, others] = [variables(), start.map((values) => new core.Variable(values))];
    expect(await optimizer.gradientNorm).toBeNull();
    for (let call = 0; call < 5; call++) {
      step(optimizer, given, call);
      stepOfCore(expected, others, call);
      expect(await optimizer.gradientNorm).toBe(expected.gradientNorm);
    }
    expect(optimizer.flush()).toBe(expected.flush());
    expect(await optimizer.gradientNorm).toBe(expected.gradientNorm);
    for (const [i, each] of given.entries()) {
      expect(await optimizer.gradientNormOf(each)).toBe(expected.gradientNormOf(others[i] as core.Variable));
      expect(bitsOf(each)).toBe(bits(others[i]?.value ?? []));
    }
    expect(optimizer.iterations).toBe(expected.iterations);
    giveBack([optimizer], given);
  });

  test("a step that is not finite changes nothing and is counted", () => {
    const optimizer = new Adam({ skipNonFinite: true, useEma: true, gradientAccumulationSteps: 2 });
    const given = variables();
    const own = (): string[] => [...given.map(bitsOf), ...optimizer.variables.map(({ value }) => bits(value))];
    for (let call = 0; call < 3; call++) {
      step(optimizer, given, call);
      const before = own();
      step(optimizer, given, call, call === 1 ? Number.NaN : Number.POSITIVE_INFINITY);
      expect(own()).toEqual(before);
    }
    expect([optimizer.skipped, optimizer.iterations]).toEqual([3, 1]);
    giveBack([optimizer], given);
  });

  test("minimize hands a loss of NaN back where skipNonFinite leaves its step out", () => {
    const v = variable([1, 2]);
    const optimizer = new SGD({ skipNonFinite: true });
    const loss = optimizer.minimize(() => tf.mul<tf.Scalar>(tf.sum(v), Number.NaN), true, [v]);
    expect(loss?.dataSync()[0]).toBeNaN();
    expect(optimizer.skipped).toBe(1);
    expect([...v.dataSync()]).toEqual([1, 2]);
    loss?.dispose();
    giveBack([optimizer], [v]);
  });

  test("a LossScaleOptimizer forwards flush and norms", async () => {
    const v = variable([0, 0]);
    const optimizer = new LossScaleOptimizer(
      new SGD({ learningRate: 1, gradientAccumulationSteps: 3, trackNorm: true }),
      {
        initialScale: 2,
      },
    );
    tf.tidy(() => optimizer.apply([tf.tensor1d([6, 8])], [v]));
    tf.tidy(() => optimizer.apply([tf.tensor1d([Number.NaN, 8])], [v]));
    expect(optimizer.flush()).toBe(true);
    expect([...v.dataSync()]).toEqual([-3, -4]);
    expect(await optimizer.gradientNorm).toBe(5);
    expect(await optimizer.gradientNormOf(v)).toBe(5);
    expect([optimizer.skipped, optimizer.iterations]).toEqual([1, 1]);
    giveBack([optimizer], [v]);
  });

  test("a checkpoint in the middle of an accumulation is flushed as the run that it was taken of", () => {
    const make = (): RMSprop => new RMSprop({ gradientAccumulationSteps: 4 });
    const [optimizer, again] = [make(), make()];
    const [given, others] = [variables(), variables()];
    for (let call = 0; call < 3; call++) step(optimizer, given, call);
    loadCheckpoint(saveCheckpoint(optimizer, given), again, others);
    expect([optimizer.flush(), again.flush()]).toEqual([true, true]);
    expect(others.map(bitsOf)).toEqual(given.map(bitsOf));
    giveBack([optimizer, again], [...given, ...others]);
  });

  test("values that wait for their variables are an error of flush that says what to do", async () => {
    const make = (): RMSprop => new RMSprop({ gradientAccumulationSteps: 4 });
    const [optimizer, again] = [make(), make()];
    const given = variables();
    step(optimizer, given, 0);
    await again.setWeights(await optimizer.getWeights());
    expect(thrownBy(() => again.flush()).message).toMatch(/waits for its variable.*before flush\(\)/);
    giveBack([optimizer, again], given);
  });
});

describe("composed of TensorFlow.js' own operations", () => {
  beforeEach(async () => {
    await tf.setBackend("cpu");
    tf.env().set("RMSPROP_FUSED", false);
  });
  afterEach(() => tf.env().set("RMSPROP_FUSED", true));

  test.each(OPTIONS)("with %o, norms are core's up to rounding, and no tensor is left", async (options) => {
    const before = memory();
    const [optimizer, expected] = [new RMSprop({ ...options, skipNonFinite: true }), new core.RMSprop(options)];
    const [given, others] = [variables(), start.map((values) => new core.Variable(values))];
    let after: unknown;
    for (let call = 0; call < 30; call++) {
      step(optimizer, given, call);
      step(optimizer, given, call, Number.NaN);
      stepOfCore(expected, others, call);
      const [norm, own] = [await optimizer.gradientNorm, expected.gradientNorm];
      expect(norm === null).toBe(own === null);
      expect(norm ?? 0).toBeCloseTo(own ?? 0, 4);
      if (call === 10) after = memory();
    }
    expect(memory()).toEqual(after);
    expect(optimizer.flush()).toBe(expected.flush());
    expect(optimizer.iterations).toBe(expected.iterations);
    giveBack([optimizer], given);
    expect(memory()).toEqual(before);
  });
});
