// skipNonFinite: a step with a gradient that is not finite is left out and counted, and nothing else changes.
import { Adam, constraints, LossScaleOptimizer, type Optimizer, RMSprop, SGD, schedules, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import { complaintOf, elementsOf, errorOf, hostOf, inTurn, onEveryEngine, readState, settled } from "./support.js";

const BAD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

type Make = (options: object) => Optimizer;

const OPTIMIZERS: Readonly<Record<string, Make>> = {
  "plain RMSprop": (options) => new RMSprop(options),
  "RMSprop with every slot": (options) =>
    new RMSprop({ ...options, centered: true, momentum: 0.9, weightDecay: 0.01, globalClipnorm: 1 }),
  "accumulation, averages and clipvalue": (options) =>
    new RMSprop({ ...options, gradientAccumulationSteps: 2, useEma: true, emaOverwriteFrequency: 2, clipvalue: 0.5 }),
  "a fixed loss scale": (options) => new SGD({ ...options, lossScaleFactor: 8, momentum: 0.5, trackNorm: true }),
  "Adam on a schedule": (options) =>
    new Adam({
      ...options,
      learningRate: new schedules.ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 }),
    }),
};

const variables = (): Variable[] => [
  new Variable([1, -2, 3], { name: "a", constraint: new constraints.MaxNorm({ maxValue: 2 }) }),
  new Variable([0.5], { name: "b", overwriteWithGradient: true }),
];

/** Gradients of call `i`. */
const gradientsAt = (i: number): number[][] => [[0.5 + i, -0.25 * i, 1], [i]];

onEveryEngine(() => {
  describe.each(Object.entries(OPTIMIZERS))("%s", (_, make) => {
    test("goes on as if the step that was left out had never come", async () => {
      const [optimizer, plain] = [make({ skipNonFinite: true }), make({})];
      const [given, expected] = [variables(), variables()];
      const seen: string[] = [];
      for (let i = 0; i < 5; i++) {
        optimizer.apply(gradientsAt(i), given);
        plain.apply(gradientsAt(i), expected);
        const state = await readState(optimizer, given);
        const bad = BAD[i % 3] ?? 0;
        optimizer.apply(i % 2 === 0 ? [[1, bad, 1], [1]] : [[1, 1, 1], [bad]], given);
        expect(await readState(optimizer, given)).toEqual(state);
        seen.push(`${optimizer.skipped} ${optimizer.iterations}`);
      }
      expect(await readState(optimizer, given)).toEqual(await readState(plain, expected));
      expect(await optimizer.gradientNorm).toBe(await plain.gradientNorm);
      expect(seen.at(-1)).toBe(`5 ${plain.iterations}`);
      expect(plain.skipped).toBe(0);
    });

    test("may leave out the first step", async () => {
      const optimizer = make({ skipNonFinite: true });
      const given = variables();
      const before = await elementsOf(given);
      optimizer.apply([[Number.NaN, 1, 1], null], given);
      await settled(optimizer);
      expect(await elementsOf(given)).toEqual(before);
      expect([optimizer.skipped, optimizer.iterations]).toEqual([1, 0]);
    });
  });

  test("without the option a step takes whatever comes, and counts nothing", async () => {
    const v = new Variable([1, 2]);
    const optimizer = new SGD({ learningRate: 1 });
    optimizer.apply([[1, Number.NaN]], [v]);
    expect(await elementsOf([v])).toEqual([0, Number.NaN]);
    expect(optimizer.skipped).toBe(0);
  });

  test("finite gradients are never left out, however large", async () => {
    const v = new Variable([1, 2]);
    const optimizer = new SGD({ learningRate: 1, clipvalue: 1, skipNonFinite: true });
    optimizer.apply([[3e38, -3e38]], [v]);
    await settled(optimizer);
    expect(await elementsOf([v])).toEqual([0, 3]);
    expect(optimizer.skipped).toBe(0);
  });

  test("the gradient decides before it is clipped", async () => {
    const v = new Variable([1, 2]);
    const optimizer = new SGD({ learningRate: 1, clipvalue: 1, skipNonFinite: true });
    optimizer.apply([[Number.POSITIVE_INFINITY, 1]], [v]);
    await settled(optimizer);
    expect(await elementsOf([v])).toEqual([1, 2]);
    expect(optimizer.skipped).toBe(1);
  });

  test("minimize hands a loss of NaN back, and its gradients decide", async () => {
    const v = new Variable([1, 2]);
    const optimizer = new SGD({ learningRate: 1, skipNonFinite: true });
    const losses = await inTurn([Number.NaN, 1], async (gradient) => {
      const loss = optimizer.minimize(() => ({ value: Number.NaN, gradients: [[gradient, 1]] }), [v]);
      await settled(optimizer);
      return loss;
    });
    expect(losses).toEqual([Number.NaN, Number.NaN]);
    expect(await elementsOf([v])).toEqual([0, 1]);
    expect(optimizer.skipped).toBe(1);
  });

  test.each([false, true])(
    "a LossScaleOptimizer counts what it leaves out; skipNonFinite within: %s",
    async (within) => {
      const v = new Variable([1]);
      const inner = new SGD({ learningRate: 1, skipNonFinite: within });
      const optimizer = new LossScaleOptimizer(inner, { initialScale: 4 });
      for (const gradient of [Number.NaN, 2, Number.POSITIVE_INFINITY]) {
        optimizer.apply([[gradient]], [v]);
        await settled(optimizer);
      }
      expect([optimizer.skipped, inner.skipped, optimizer.iterations, optimizer.dynamicScale]).toEqual([2, 2, 1, 1]);
      expect((await hostOf(v)).item()).toBe(0);
    },
  );

  test("a LossScaleOptimizer refuses the options that are its inner optimizer's", () => {
    for (const option of ["skipNonFinite", "trackNorm"]) {
      const error = errorOf(() => new LossScaleOptimizer(new SGD(), { [option]: true }));
      expect(complaintOf(error.message)).toMatchObject({ argument: option, remedy: /inner optimizer/ });
    }
  });

  test("statelessApply leaves counter and norm as they were", async () => {
    const v = new Variable([3, 4]);
    const optimizer = new SGD({ skipNonFinite: true, trackNorm: true });
    optimizer.apply([[3, 4]], [v]);
    const state = optimizer.variables.map(({ value }) => value.slice());
    optimizer.statelessApply(state, [[Number.NaN, 1]], [[1, 1]]);
    optimizer.statelessApply(state, [[1, 1]], [[1, 1]]);
    expect([optimizer.skipped, await optimizer.gradientNorm]).toEqual([0, 5]);
  });
});
