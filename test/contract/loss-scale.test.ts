// LossScaleOptimizer: the scale, the steps that are left out, and what it hands through to the optimizer within.
import {
  type FloatArray,
  type Gradient,
  LossScaleOptimizer,
  type LossScaleOptions,
  type OptimizerVariable,
  RMSprop,
  type SavedArray,
  SGD,
  Variable,
} from "rmsprop";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  bitsOf,
  complaintOf,
  errorOf,
  hostOf,
  hostsOf,
  inTurn,
  numbersOf,
  onEveryEngine,
  readState,
  settled,
  textOf,
} from "./support.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  return () => vi.restoreAllMocks();
});

const NOT_FINITE: readonly (readonly [string, Gradient])[] = [
  ["infinity", [1, Infinity]],
  ["minus infinity", [-Infinity, 1]],
  ["NaN", [Number.NaN, 1]],
  ["infinity in a typed array", Float32Array.of(1, Infinity)],
  ["a number too large for a float32", [1e39, 1]],
];

onEveryEngine((engine) => {
  test("gradients are divided by the scale, as the loss was multiplied", async () => {
    const v = new Variable([8, 8]);
    const optimizer = new LossScaleOptimizer(new SGD({ learningRate: 1 }), { initialScale: 4 });
    expect([optimizer.scaleLoss(3), optimizer.engine, optimizer.built]).toEqual([12, engine, false]);
    optimizer.apply([[4, 8]], [v]);
    await settled(optimizer);
    expect([(await hostOf(v)).toArray(), optimizer.iterations, optimizer.stepCounter, optimizer.built]).toEqual([
      [7, 6],
      1,
      1,
      true,
    ]);
  });

  test("defaults are Keras'", () => {
    const optimizer = new LossScaleOptimizer(new RMSprop());
    expect(optimizer).toMatchObject({
      ...{ initialScale: 32768, dynamicScale: 32768, dynamicGrowthSteps: 2000, stepCounter: 0 },
      ...{ name: "loss_scale_optimizer", className: "LossScaleOptimizer", iterations: 0 },
    });
  });

  test.each(NOT_FINITE)(
    "a step with %s is left out: nothing moves, the scale halves, the count starts again",
    async (_, bad) => {
      const variables = [new Variable([1, 2]), new Variable([3])];
      const inner = new RMSprop({ momentum: 0.9, useEma: true });
      const optimizer = new LossScaleOptimizer(inner, { initialScale: 1024 });
      for (let call = 0; call < 2; call++) optimizer.apply([numbersOf(call, 2), numbersOf(call, 1)], variables);
      await settled(optimizer);
      const before = await readState(inner, variables);
      expect(optimizer.stepCounter).toBe(2);
      optimizer.apply([bad, [1]]);
      await settled(optimizer);
      expect(await readState(inner, variables)).toEqual(before);
      expect([optimizer.dynamicScale, optimizer.stepCounter, optimizer.iterations]).toEqual([512, 0, 2]);
    },
  );

  test("after so many finite steps in a row the scale doubles", async () => {
    const v = new Variable(0);
    const optimizer = new LossScaleOptimizer(new SGD(), { initialScale: 2, dynamicGrowthSteps: 3 });
    const seen = await inTurn([1, 1, 1, 1, 1, Infinity, 1, 1, 1], async (gradient) => {
      optimizer.apply([gradient], [v]);
      await settled(optimizer);
      return [optimizer.dynamicScale, optimizer.stepCounter];
    });
    expect(seen).toEqual([
      [2, 1],
      [2, 2],
      [4, 0],
      [4, 1],
      [4, 2],
      [2, 0],
      [2, 1],
      [2, 2],
      [4, 0],
    ]);
  });

  test("a scale that has been halved often is still a float32, as in Keras", async () => {
    const optimizer = new LossScaleOptimizer(new SGD(), { initialScale: 0.1 });
    expect(optimizer.dynamicScale).toBe(Math.fround(0.1));
    const v = new Variable(0);
    for (let call = 0; call < 160; call++) optimizer.apply([Number.NaN], [v]);
    await settled(optimizer);
    expect(optimizer.dynamicScale).toBe(0);
  });

  test("a gradient that is null does not count as one that is not finite", async () => {
    const variables = [new Variable(1, { name: "seen" }), new Variable(1, { name: "unseen" })];
    const optimizer = new LossScaleOptimizer(new SGD({ learningRate: 1 }), { initialScale: 2 });
    optimizer.build(variables);
    optimizer.apply([2, null]);
    await settled(optimizer);
    expect([await textOf(variables), optimizer.stepCounter]).toEqual(["0.0 1.0", 1]);
  });

  test("the loss scale factor of the optimizer within is switched off, as in Keras", async () => {
    const inner = new SGD({ learningRate: 1, lossScaleFactor: 100 });
    const v = new Variable(8);
    new LossScaleOptimizer(inner, { initialScale: 4 }).apply([4], [v]);
    expect([(await hostOf(v)).item(), inner.lossScaleFactor]).toEqual([7, null]);
  });

  test("a variable that takes its gradient is not unscaled", async () => {
    const v = new Variable([1, 2], { overwriteWithGradient: true });
    new LossScaleOptimizer(new SGD(), { initialScale: 4 }).apply([[8, 9]], [v]);
    expect((await hostOf(v)).toArray()).toEqual([8, 9]);
  });

  test("minimize takes gradients of the loss itself, and makes the same update and the same scale", async () => {
    const [v, twin] = [new Variable([1, 2], { name: "v" }), new Variable([1, 2], { name: "v" })];
    const options: LossScaleOptions = { initialScale: 4, dynamicGrowthSteps: 2 };
    const minimizing = new LossScaleOptimizer(new RMSprop(), options);
    const applying = new LossScaleOptimizer(new RMSprop(), options);
    for (const gradient of [
      [1, 2],
      [3, 4],
      [Infinity, 1],
      [5, 6],
    ]) {
      expect(minimizing.minimize(() => ({ value: 7, gradients: [gradient] }), [v])).toBe(7);
      await settled(applying);
      applying.apply([gradient.map((g) => g * applying.dynamicScale)], [twin]);
    }
    expect(await readState(minimizing, [v])).toEqual(await readState(applying, [twin]));
  });

  test("applyGradients applies pairs", async () => {
    const v = new Variable(8);
    const optimizer = new LossScaleOptimizer(new SGD({ learningRate: 1 }), { initialScale: 4 });
    optimizer.applyGradients([[4, v]]);
    await settled(optimizer);
    expect([(await hostOf(v)).item(), optimizer.iterations]).toEqual([7, 1]);
  });

  test("what is not its own is the inner optimizer's: the learning rate, the variables, what decays", async () => {
    const [kept, left] = [new Variable(1, { name: "kernel" }), new Variable(1, { name: "bias" })];
    const inner = new SGD({ learningRate: 0.5, weightDecay: 0.5 });
    const optimizer = new LossScaleOptimizer(inner);
    optimizer.excludeFromWeightDecay({ names: ["bias"] });
    optimizer.learningRate = 0.25;
    optimizer.apply([[0], [0]], [kept, left]);
    await settled(optimizer);
    expect([optimizer.learningRate, inner.learningRate]).toEqual([0.25, 0.25]);
    expect(optimizer.trainedVariables).toEqual([kept, left]);
    expect([optimizer.decays(kept), optimizer.decays(left)]).toEqual([true, false]);
    expect([await hostOf(kept), await hostOf(left)].map((v) => v.item())).toEqual([0.875, 1]);
  });

  test("a scale that stays is set on no such optimizer, and null is what it has", () => {
    const optimizer = new LossScaleOptimizer(new RMSprop());
    optimizer.lossScaleFactor = null;
    expect(optimizer.lossScaleFactor).toBeNull();
    const set = (): void => {
      optimizer.lossScaleFactor = 8;
    };
    expect(set).toThrow(/^LossScaleOptimizer: lossScaleFactor must be null; received lossScaleFactor=8\. /);
    expect(set).toThrow(TypeError);
  });

  describe("a scale at its ends", () => {
    /** After some steps: the scale, and whether all elements are finite. */
    async function steppedFrom(scale: number, gradients: readonly number[], options: LossScaleOptions = {}) {
      const v = new Variable([1, -2]);
      const optimizer = new LossScaleOptimizer(new RMSprop({ learningRate: 0.5 }), options);
      optimizer.build([v]);
      optimizer.variables[3]?.assign([scale]);
      for (const gradient of gradients) optimizer.apply([[gradient, -gradient]], [v]);
      await settled(optimizer);
      return { scale: optimizer.dynamicScale, values: [...(await hostOf(v)).value] };
    }

    test("that grows to infinity stays there: gradients become 0, and nothing moves any more", async () => {
      const grown = await steppedFrom(2 ** 127, [2 ** 127, 1, 2], { dynamicGrowthSteps: 1 });
      const once = await steppedFrom(2 ** 127, [2 ** 127], { dynamicGrowthSteps: 5 });
      expect(grown).toEqual({ scale: Infinity, values: once.values });
      expect(await steppedFrom(Infinity, [Infinity, Number.NaN, 1])).toEqual({ scale: Infinity, values: [1, -2] });
    });

    test("that is halved to 0 stays there: gradients become infinite, and variables NaN", async () => {
      expect(await steppedFrom(2 ** -149, [Infinity])).toEqual({ scale: 0, values: [1, -2] });
      expect(await steppedFrom(0, [1], { dynamicGrowthSteps: 1 })).toEqual({
        scale: 0,
        values: [Number.NaN, Number.NaN],
      });
    });

    test("that is halved and doubled below the normal numbers is rounded as float32 is", async () => {
      expect((await steppedFrom(3 * 2 ** -149, [Infinity])).scale).toBe(2 * 2 ** -149);
      expect((await steppedFrom(5 * 2 ** -149, [Infinity])).scale).toBe(2 * 2 ** -149);
      expect((await steppedFrom(3 * 2 ** -149, [0], { dynamicGrowthSteps: 1 })).scale).toBe(6 * 2 ** -149);
    });

    test("that is NaN makes variables NaN, and stays", async () => {
      expect(await steppedFrom(Number.NaN, [1, Infinity])).toEqual({
        scale: Number.NaN,
        values: [Number.NaN, Number.NaN],
      });
    });
  });

  describe("state", () => {
    const names = (optimizer: LossScaleOptimizer): string[] => optimizer.variables.map(({ path }) => path);

    test("stands in Keras' order: its own, then all of the optimizer within", async () => {
      const optimizer = new LossScaleOptimizer(new RMSprop());
      const own = ["iteration", "learning_rate"].map((name) => `loss_scale_optimizer/${name}`);
      expect(names(optimizer)).toEqual([...own, "rmsprop/iteration", "rmsprop/learning_rate"]);
      optimizer.build([new Variable(1, { name: "v" })]);
      expect(names(optimizer)).toEqual([
        ...own,
        "loss_scale_optimizer/step_counter",
        "loss_scale_optimizer/dynamic_scale",
        "rmsprop/iteration",
        "rmsprop/learning_rate",
        "rmsprop/v_velocity",
      ]);
      expect((await hostsOf(optimizer.variables)).map(({ value }) => [...value])).toEqual([
        [0],
        [0],
        [0],
        [32768],
        [0],
        [Math.fround(0.001)],
        [0],
      ]);
    });

    test("of one that is not built is four counters, and is restored", async () => {
      const [from, to] = [0, 1].map(() => new LossScaleOptimizer(new RMSprop()));
      if (!from || !to) throw new TypeError("two optimizers");
      from.loadOwnVariables({ 0: 0, 1: 0, 2: 7, 3: 0.5 });
      const store: Record<string, SavedArray> = {};
      await from.saveOwnVariables(store);
      expect(Object.keys(store)).toEqual(["0", "1", "2", "3"]);
      to.loadOwnVariables(store);
      expect([to.iterations, to.learningRate, to.built]).toEqual([7, 0.5, false]);
      const error = errorOf(() => to.loadOwnVariables({ ...store, 4: [1] }));
      expect(error.message).toContain("call build(variables) first");
    });

    test("goes on after saving and loading as if nothing had been saved", async () => {
      const options: LossScaleOptions = { initialScale: 8, dynamicGrowthSteps: 3 };
      const v = new Variable(numbersOf(1, 9), { name: "v" });
      const optimizer = new LossScaleOptimizer(new RMSprop({ momentum: 0.9 }), options);
      for (let call = 0; call < 5; call++) optimizer.apply([numbersOf(call, 9)], [v]);
      const store: Record<string, SavedArray> = {};
      await optimizer.saveOwnVariables(store);
      const copy = new Variable(v, { name: "v" });
      const restored = new LossScaleOptimizer(new RMSprop({ momentum: 0.9 }), options);
      restored.build([copy]);
      restored.loadOwnVariables(store);
      for (let call = 5; call < 12; call++) {
        optimizer.apply([numbersOf(call, 9)]);
        restored.apply([numbersOf(call, 9)]);
      }
      expect(await readState(restored, [copy])).toEqual(await readState(optimizer, [v]));
    });

    test.each<readonly [string, number, unknown]>([
      ["a scale that is negative", 3, -4],
      ["a scale that float32 makes infinite", 3, 1e300],
      ["a scale that is minus infinity", 3, -Infinity],
      ["a count that is greater than all exact ones", 2, 2 ** 54],
      ["a learning rate within that float32 makes infinite", 5, 1e300],
      ["a slot that float32 makes infinite", 6, [1, 1e300]],
      ["a count that is negative", 2, -1],
      ["a count that is no integer", 2, 0.5],
      ["a learning rate within that is NaN", 5, Number.NaN],
      ["a slot of another length", 6, [1, 2, 3]],
    ])("that has %s is refused as a whole", async (_, at, value) => {
      const v = new Variable([1, 2]);
      const optimizer = new LossScaleOptimizer(new RMSprop());
      optimizer.apply([[1, 2]], [v]);
      const before = await readState(optimizer, [v]);
      const weights: unknown[] = [0, 0, 5, 4, 6, 0.5, [1, 1]];
      errorOf(() => optimizer.setWeights(weights.with(at, value) as number[]));
      expect(await readState(optimizer, [v])).toEqual(before);
    });

    test("is untouched by statelessApply, which gives what apply gives, steps left out included", async () => {
      const options: LossScaleOptions = { initialScale: 8, dynamicGrowthSteps: 2 };
      const [v, twin] = [0, 1].map(() => new Variable([1, 2], { name: "v" }));
      const [stateless, stateful] = [0, 1].map(() => new LossScaleOptimizer(new RMSprop(), options));
      if (!v || !twin || !stateless || !stateful) throw new TypeError("two of each");
      stateless.build([v]);
      const untouched = await readState(stateless, [v]);
      let state: OptimizerVariable["value"][] = (await hostsOf(stateless.variables)).map(({ value }) => value.slice());
      let values: FloatArray[] = [(await hostOf(v)).value.slice()];
      for (const gradient of [
        [1, 2],
        [3, 4],
        [Number.NaN, 1],
        [5, 6],
      ]) {
        [values, state] = stateless.statelessApply(state, [gradient], values);
        stateful.apply([gradient], [twin]);
      }
      expect(await readState(stateless, [v])).toEqual(untouched);
      expect(values.map(bitsOf)).toEqual([bitsOf(twin.value)]);
      expect(state.map(bitsOf)).toEqual(stateful.variables.map(({ value }) => bitsOf(value)));
    });
  });

  test("dispose disposes of the optimizer within", () => {
    const optimizer = new LossScaleOptimizer(new RMSprop());
    optimizer.apply([1], [new Variable(1)]);
    optimizer.dispose();
    optimizer.dispose();
    expect(errorOf(() => optimizer.apply([1])).message).toBe("RMSprop: rmsprop was disposed. Make a new one.");
  });

  const OPTIONS: readonly (readonly [string, unknown, string])[] = [
    ["a scale of 0", { initialScale: 0 }, "initialScale"],
    ["a negative scale", { initialScale: -2 }, "initialScale"],
    ["an infinite scale", { initialScale: Infinity }, "initialScale"],
    ["a scale that no float32 holds", { initialScale: 1e39 }, "initialScale"],
    ["a scale that a float32 makes 0", { initialScale: 1e-50 }, "initialScale"],
    ["a scale as a string", { initialScale: "4" }, "initialScale"],
    ["no scale", { initialScale: null }, "initialScale"],
    ["0 growth steps", { dynamicGrowthSteps: 0 }, "dynamicGrowthSteps"],
    ["half a growth step", { dynamicGrowthSteps: 0.5 }, "dynamicGrowthSteps"],
    ["a name with a slash", { name: "a/b" }, "name"],
    ["an unknown option", { initial_scale: 4 }, "initial_scale"],
    ["what Keras had once", { dynamic: false }, "dynamic"],
    ["a number instead of options", 4, "options"],
    ["null instead of options", null, "options"],
    ...[
      ...["weightDecay", "clipnorm", "globalClipnorm", "clipvalue", "useEma", "emaMomentum", "emaOverwriteFrequency"],
      ...["lossScaleFactor", "gradientAccumulationSteps", "learningRate"],
    ].map((name) => [`${name}, which belongs to the optimizer within`, { [name]: 0.5 }, name] as const),
  ];
  test.each(OPTIONS)("%s is refused", (_, options, argument) => {
    const inner = new RMSprop({ lossScaleFactor: 3 });
    const error = errorOf(() => new LossScaleOptimizer(inner, options as LossScaleOptions));
    expect([RangeError, TypeError]).toContain(error.constructor);
    expect(complaintOf(error.message)).toMatchObject({ owner: "LossScaleOptimizer", argument });
    expect(inner.lossScaleFactor).toBe(3);
  });

  test.each<readonly [string, unknown]>([
    ["nothing", undefined],
    ["a name", "rmsprop"],
    ["a class", RMSprop],
    ["options", { learningRate: 0.1 }],
    ["another LossScaleOptimizer", new LossScaleOptimizer(new RMSprop())],
  ])("%s as the optimizer within is refused", (_, inner) => {
    const error = errorOf(() => new LossScaleOptimizer(inner as RMSprop));
    expect(error).toBeInstanceOf(TypeError);
    expect(complaintOf(error.message)).toMatchObject({ owner: "LossScaleOptimizer", argument: "innerOptimizer" });
  });

  test("a config without an optimizer within is refused by its name", () => {
    const error = errorOf(() => LossScaleOptimizer.fromConfig({ initial_scale: 2 }));
    expect(complaintOf(error.message)).toMatchObject({ owner: "LossScaleOptimizer", argument: "inner_optimizer" });
  });
});
