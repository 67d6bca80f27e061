// What an optimizer keeps: by variable, not by position; saved, restored and replaced as a whole or not at all.
import {
  type FloatArray,
  LossScaleOptimizer,
  RMSprop,
  type RMSpropOptions,
  type SavedArray,
  StateError,
  StateMismatchError,
  schedules,
  Variable,
  type Weight,
} from "rmsprop";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  bitsOf,
  complaintOf,
  elementsOf,
  errorOf,
  hostOf,
  hostsOf,
  numbersOf,
  onEveryEngine,
  readState,
} from "./support.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  return () => vi.restoreAllMocks();
});

const EVERYTHING: RMSpropOptions = {
  ...{ learningRate: 0.01, momentum: 0.9, centered: true, weightDecay: 0.01, clipnorm: 1 },
  ...{ useEma: true, emaOverwriteFrequency: 3, gradientAccumulationSteps: 2 },
};

const made = (): Variable[] => [
  new Variable(numbersOf(1, 6), { shape: [2, 3], name: "kernel" }),
  new Variable(numbersOf(2, 3), { name: "bias" }),
];

const gradientsOf = (call: number): FloatArray[] => [numbersOf(10 + call, 6), numbersOf(20 + call, 3)];

function trained(options: RMSpropOptions, calls = 3): { optimizer: RMSprop; variables: Variable[] } {
  const variables = made();
  const optimizer = new RMSprop(options);
  for (let call = 0; call < calls; call++) optimizer.apply(gradientsOf(call), variables);
  return { optimizer, variables };
}

onEveryEngine(() => {
  describe("state belongs to the variable", () => {
    test("whatever order the variables come in", async () => {
      const [first, second] = [trained(EVERYTHING, 0), trained(EVERYTHING, 0)];
      for (const { optimizer, variables } of [first, second]) optimizer.build(variables);
      for (let call = 0; call < 5; call++) {
        first.optimizer.apply(gradientsOf(call), first.variables);
        const [ofKernel, ofBias] = gradientsOf(call);
        const [kernel, bias] = second.variables;
        if (!ofKernel || !ofBias || !kernel || !bias) throw new TypeError("two of each");
        second.optimizer.applyGradients([
          [ofBias, bias],
          [ofKernel, kernel],
        ]);
      }
      // But for the global norm, which is a sum in the order given, nothing depends on it.
      expect(await readState(second.optimizer, second.variables)).toEqual(
        await readState(first.optimizer, first.variables),
      );
    });

    test("of which some may be left out of a step", async () => {
      const { optimizer, variables } = trained({ momentum: 0.9 });
      const [kernel, bias] = variables;
      if (!kernel || !bias) throw new TypeError("two variables");
      const before = await readState(optimizer, variables);
      optimizer.apply([numbersOf(5, 3)], [bias]);
      const after = await readState(optimizer, variables);
      const changed = Object.keys(before).filter((key) => before[key] !== after[key]);
      expect(changed).toEqual([
        "iterations",
        "rmsprop/iteration int32 []",
        "rmsprop/bias_velocity float32 [3]",
        "rmsprop/bias_momentum float32 [3]",
        "variable 1",
      ]);
    });

    test("even when its value is replaced", async () => {
      const { optimizer, variables } = trained({});
      const slot = bitsOf((await hostOf(optimizer.variables[2])).value);
      variables[0]?.assign(numbersOf(9, 6));
      expect(bitsOf((await hostOf(optimizer.variables[2])).value)).toBe(slot);
    });
  });

  describe("variables", () => {
    test("stand in Keras' order, by Keras' names", () => {
      const { optimizer } = trained(EVERYTHING);
      expect(optimizer.variables.map(({ path, dtype, shape }) => `${path} ${dtype} [${shape}]`)).toEqual([
        "rmsprop/iteration int32 []",
        "rmsprop/learning_rate float32 []",
        "rmsprop/kernel_average float32 [2,3]",
        "rmsprop/bias_average float32 [3]",
        "rmsprop/kernel_gradient_accumulator float32 [2,3]",
        "rmsprop/bias_gradient_accumulator float32 [3]",
        "rmsprop/kernel_velocity float32 [2,3]",
        "rmsprop/bias_velocity float32 [3]",
        "rmsprop/kernel_momentum float32 [2,3]",
        "rmsprop/bias_momentum float32 [3]",
        "rmsprop/kernel_average_gradient float32 [2,3]",
        "rmsprop/bias_average_gradient float32 [3]",
      ]);
    });

    test("are only counters before build, and have no learning rate under a schedule or a function", () => {
      const names = (options: RMSpropOptions): string[] => new RMSprop(options).variables.map(({ name }) => name);
      const decay = { initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5 };
      expect(names({})).toEqual(["iteration", "learning_rate"]);
      expect(names({ learningRate: new schedules.ExponentialDecay(decay) })).toEqual(["iteration"]);
      expect(names({ learningRate: () => 0.1 })).toEqual(["iteration"]);
    });

    test("can be read and assigned one by one", async () => {
      const { optimizer, variables } = trained({});
      const [iteration, learningRate, velocity] = optimizer.variables;
      iteration?.assign([7]);
      learningRate?.assign([0.5]);
      velocity?.assign([1, 2, 3, 4, 5, 6]);
      expect([optimizer.iterations, optimizer.learningRate]).toEqual([7, 0.5]);
      expect([...(await hostOf(optimizer.variables[2])).value]).toEqual([1, 2, 3, 4, 5, 6]);
      optimizer.apply(gradientsOf(9), variables);
      expect(optimizer.iterations).toBe(8);
    });

    test.each([
      ["too few", [1, 2, 3]],
      ["too many", [1, 2, 3, 4, 5, 6, 7]],
    ])("take no assignment of %s numbers", async (_, values) => {
      const { optimizer, variables } = trained({});
      const before = await readState(optimizer, variables);
      expect(errorOf(() => optimizer.variables[2]?.assign(values))).toBeInstanceOf(RangeError);
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("of doubles are doubles", () => {
      const v = new Variable([1, 2], { dtype: "float64" });
      const optimizer = new RMSprop({ learningRate: 0.1, momentum: 0.5 });
      optimizer.apply([new Float64Array([0.1, 0.2])], [v]);
      expect(optimizer.variables.slice(2).map(({ dtype, value }) => [dtype, value.constructor.name])).toEqual([
        ["float64", "Float64Array"],
        ["float64", "Float64Array"],
      ]);
    });
  });

  describe("a count", () => {
    test.each([
      [2 ** 31 - 1, "int32", 2 ** 31, "int64"],
      [2 ** 53 - 1, "int64", 2 ** 53, "int64"],
      [2 ** 53, "int64", 2 ** 53, "int64"],
    ])("of %d, an %s, is %d after a step, an %s", async (before, type, after, typeAfter) => {
      const { optimizer, variables } = trained({});
      optimizer.variables[0]?.assign([before]);
      expect([optimizer.iterations, optimizer.variables[0]?.dtype]).toEqual([before, type]);
      optimizer.apply(gradientsOf(9), variables);
      const own = await hostOf(optimizer.variables[0]);
      expect([optimizer.iterations, own.dtype, own.value[0]]).toEqual([after, typeAfter, after]);
    });

    test("that is large decides about accumulation and averages as a small one does", async () => {
      const options: RMSpropOptions = { useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 3 };
      /** The state after a call, in the turn of accumulation and overwriting that a count has. */
      const stateAfter = async (count: number): Promise<number[]> => {
        const { optimizer, variables } = trained(options, 2);
        optimizer.variables[0]?.assign([count]);
        optimizer.apply(gradientsOf(9), variables);
        return elementsOf([...variables, ...optimizer.variables.slice(1)]);
      };
      for (const count of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 40 + 3, 2 ** 53 - 2, 2 ** 53 - 1]) {
        expect(await stateAfter(count), `${count}`).toEqual(await stateAfter(6 + (count % 6)));
      }
    });

    test("that is large is the step of a schedule", () => {
      const boundaries = [2 ** 31 + 7, 2 ** 53 - 1];
      const learningRate = new schedules.PiecewiseConstantDecay({ boundaries, values: [0.5, 0.25, 0.125] });
      const optimizer = new RMSprop({ learningRate });
      const rates = [2 ** 31 + 7, 2 ** 31 + 8, 2 ** 53 - 1, 2 ** 53].map((count) => {
        optimizer.variables[0]?.assign([count]);
        return optimizer.learningRate;
      });
      expect(rates).toEqual([0.5, 0.25, 0.25, 0.125]);
    });
  });

  describe("an optimizer that is not built", () => {
    test("takes saved counters, which it has when it is built, as in Keras", async () => {
      const [from, to] = [new RMSprop(), new RMSprop()];
      from.loadOwnVariables({ 0: 7, 1: 0.5 });
      const store: Record<string, SavedArray> = {};
      await from.saveOwnVariables(store);
      to.loadOwnVariables(store);
      expect([to.built, to.iterations, to.learningRate]).toEqual([false, 7, 0.5]);
      const variables = made();
      to.apply(gradientsOf(1), variables);
      expect([to.built, to.iterations, to.learningRate]).toEqual([true, 8, 0.5]);
    });

    test("says what to do with the state of one that is, and with weights for setWeights", async () => {
      const store: Record<string, SavedArray> = {};
      await trained({}).optimizer.saveOwnVariables(store);
      const optimizer = new RMSprop();
      const error = errorOf(() => optimizer.loadOwnVariables(store));
      expect(error).toBeInstanceOf(StateMismatchError);
      expect(error.message).toContain("It is not built and has no slots yet: call build(variables) first.");
      expect(errorOf(() => optimizer.setWeights([7, 0.5]))).toBeInstanceOf(StateError);
      expect([optimizer.iterations, optimizer.learningRate]).toEqual([0, Math.fround(0.001)]);
    });
  });

  describe("what was saved", () => {
    const SETTINGS: readonly (readonly [string, RMSpropOptions])[] = [
      ["the plain optimizer", {}],
      ["an optimizer with everything on", EVERYTHING],
      [
        "an optimizer with a schedule",
        { learningRate: new schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 5 }) },
      ],
      ["an optimizer with a function", { learningRate: () => 0.02 }],
    ];

    test.each(SETTINGS)(
      "goes on in %s of the same options as if nothing had been saved, in every bit",
      async (_, options) => {
        for (const calls of [1, 2, 3, 4]) {
          const { optimizer, variables } = trained(options, calls);
          const store: Record<string, SavedArray> = {};
          await optimizer.saveOwnVariables(store);
          const copies = variables.map((v) => new Variable(v, { name: v.name }));
          const restored = new RMSprop(options);
          restored.build(copies);
          restored.loadOwnVariables(store);
          for (let call = calls; call < calls + 3; call++) {
            optimizer.apply(gradientsOf(call), variables);
            restored.apply(gradientsOf(call), copies);
          }
          expect(await readState(restored, copies)).toEqual(await readState(optimizer, variables));
        }
      },
    );

    test("is a copy", async () => {
      const { optimizer, variables } = trained({});
      const store: Record<string, SavedArray> = {};
      await optimizer.saveOwnVariables(store);
      const before = bitsOf(store["2"]?.value ?? []);
      optimizer.apply(gradientsOf(5), variables);
      expect(bitsOf(store["2"]?.value ?? [])).toBe(before);
      store["2"]?.value.fill(77);
      expect([...(await hostOf(optimizer.variables[2])).value]).not.toContain(77);
    });

    test("is numbered as in Keras", async () => {
      const store: Record<string, SavedArray> = {};
      await trained({ momentum: 0.9 }).optimizer.saveOwnVariables(store);
      expect(Object.entries(store).map(([key, { dtype, shape }]) => [key, dtype, shape])).toEqual([
        ["0", "int32", []],
        ["1", "float32", []],
        ["2", "float32", [2, 3]],
        ["3", "float32", [3]],
        ["4", "float32", [2, 3]],
        ["5", "float32", [3]],
      ]);
    });

    test("survives JSON, as nested arrays and numbers", async () => {
      const { optimizer, variables } = trained(EVERYTHING);
      const before = await readState(optimizer, variables);
      const own = await hostsOf(optimizer.variables);
      const weights: Weight[] = JSON.parse(
        JSON.stringify(own.map(({ shape, value }) => (shape.length === 0 ? value[0] : [...value]))),
      );
      for (const { assign, shape } of optimizer.variables.slice(2))
        assign(new Float32Array(shape.reduce((a, b) => a * b)));
      optimizer.setWeights(weights);
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("can be restored from any typed array, nested arrays, Variables and optimizer variables", async () => {
      const { optimizer } = trained({ momentum: 0.9 });
      const other = trained({ momentum: 0.9 }, 1).optimizer;
      other.setWeights([
        Int32Array.of(3),
        Float32Array.of(0.5),
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        await hostOf(new Variable([7, 8, 9])),
        new Float64Array([1, 2, 3, 4, 5, 6]),
        [1, 2, 3],
      ]);
      expect((await hostsOf(other.variables)).map(({ value }) => [...value])).toEqual([
        [3],
        [0.5],
        [1, 2, 3, 4, 5, 6],
        [7, 8, 9],
        [1, 2, 3, 4, 5, 6],
        [1, 2, 3],
      ]);
      other.setWeights(await hostsOf(optimizer.variables));
      expect(await elementsOf(other.variables)).toEqual(await elementsOf(optimizer.variables));
    });
  });

  describe("state that does not fit changes nothing", () => {
    const good = (): Weight[] => [3, 0.5, numbersOf(1, 6), numbersOf(2, 3)];

    const MISFITS: readonly (readonly [string, () => unknown])[] = [
      ["too few", () => good().slice(0, 3)],
      ["too many", () => [...good(), [1]]],
      [
        "another shape",
        () =>
          good().with(2, [
            [1, 2],
            [3, 4],
            [5, 6],
          ]),
      ],
      ["another length", () => good().with(3, [1, 2])],
      ["a number for an array", () => good().with(3, 1)],
      ["the shape of a saved array", () => good().with(2, { shape: [3, 2], value: numbersOf(1, 6) })],
    ];
    test.each(MISFITS)("%s: both lists are in the message", async (_, weights) => {
      const { optimizer, variables } = trained({});
      const before = await readState(optimizer, variables);
      const error = errorOf(() => optimizer.setWeights(weights() as Weight[]));
      expect(error).toBeInstanceOf(StateMismatchError);
      if (!(error instanceof StateMismatchError)) return;
      expect(error.expected).toEqual([
        "iteration []",
        "learning_rate []",
        "kernel_velocity [2,3]",
        "bias_velocity [3]",
      ]);
      expect(error.received).toHaveLength((weights() as Weight[]).length);
      expect(error.message).toMatch(/^RMSprop: the state does not fit this optimizer; nothing was restored\.\n/);
      expect(error.message).toContain(`expected (4): ${error.expected.join(", ")}`);
      expect(error.message).toContain(`received (${error.received.length}): ${error.received.join(", ")}`);
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    const BAD: readonly (readonly [string, () => unknown])[] = [
      ["an iteration that is NaN", () => good().with(0, Number.NaN)],
      ["an iteration that is negative", () => good().with(0, -1)],
      ["an iteration that is no integer", () => good().with(0, 2.5)],
      ["an iteration that is greater than all exact ones", () => good().with(0, 2 ** 54)],
      ["a learning rate that is NaN", () => good().with(1, Number.NaN)],
      ["a learning rate that float32 makes infinite", () => good().with(1, 1e300)],
      ["a slot that float32 makes infinite", () => good().with(3, [1, 1e300, 3])],
      ["doubles that float32 makes infinite", () => good().with(3, Float64Array.of(1, -1e39, 3))],
      ["a learning rate that is infinite", () => good().with(1, Infinity)],
      ["strings", () => good().with(3, ["1", "2", "3"] as unknown as Weight)],
      ["nulls", () => good().with(3, [1, null, 3] as unknown as Weight)],
      ["null", () => good().with(3, null as unknown as Weight)],
      ["undefined", () => good().with(3, undefined as unknown as Weight)],
      ["a hole", () => Object.assign(new Array(4), good().slice(0, 3))],
      ["a saved array with too few elements", () => good().with(3, { shape: [3], value: numbersOf(1, 2) })],
      ["a saved array with too many elements", () => good().with(3, { shape: [3], value: numbersOf(1, 4) })],
      ["a saved array of strings", () => good().with(3, { shape: [3], value: ["1", "2", "3"] } as unknown as Weight)],
      ["a saved array without a value", () => good().with(3, { shape: [3] } as unknown as Weight)],
      ["big integers", () => good().with(3, BigInt64Array.of(1n, 2n, 3n) as unknown as Weight)],
      ["a detached array", () => good().with(3, structuredClone(numbersOf(1, 3)).subarray(0, 0))],
      ["null for the list", () => null],
      ["an object for the list", () => ({ 0: 1 })],
      ["a typed array for the list", () => new Float32Array(4)],
    ];
    test.each(BAD)("%s", async (_, weights) => {
      const { optimizer, variables } = trained({});
      const before = await readState(optimizer, variables);
      const error = errorOf(() => optimizer.setWeights(weights() as Weight[]));
      if (!(error instanceof StateMismatchError)) {
        expect([RangeError, TypeError]).toContain(error.constructor);
        // The form of the design, not an error of JavaScript itself.
        expect(complaintOf(error.message)).toMatchObject({ owner: "RMSprop" });
      }
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    const STORES: readonly (readonly [string, unknown])[] = [
      ["nothing", undefined],
      ["null", null],
      ["an empty store", {}],
      ["a store that lacks a number", { 0: 0, 1: 0.1, 3: [1, 2, 3], 4: [1, 2, 3] }],
      ["a store with names", { iteration: 0, learning_rate: 0.1, a: numbersOf(1, 6), b: [1, 2, 3] }],
      ["a Map", new Map([["0", 0]])],
      ["a string", "store"],
    ];
    test.each(STORES)("%s instead of a store", async (_, store) => {
      const { optimizer, variables } = trained({});
      const before = await readState(optimizer, variables);
      const error = errorOf(() => optimizer.loadOwnVariables(store as Record<string, Weight>));
      if (!(error instanceof StateMismatchError))
        expect(complaintOf(error.message)).toMatchObject({ owner: "RMSprop" });
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("state of a number in an optimizer with a schedule, and the other way round", async () => {
      const decay = { initialLearningRate: 0.1, decaySteps: 5 };
      const scheduled = trained({ learningRate: new schedules.CosineDecay(decay) }).optimizer;
      const fixed = trained({}).optimizer;
      const store: Record<string, SavedArray> = {};
      await fixed.saveOwnVariables(store);
      expect(errorOf(() => scheduled.loadOwnVariables(store)).message).toMatch(
        /expected \(3\): iteration \[\], kernel_velocity \[2,3\], bias_velocity \[3\]\n {2}received \(4\): /,
      );
    });

    test("before build there is nothing to restore to", () => {
      const error = errorOf(() => new RMSprop().setWeights([0, 0.1]));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(/^RMSprop: setWeights\(\) needs .+ not built\. Call build\(variables\) first/);
      const scaled = errorOf(() => new LossScaleOptimizer(new RMSprop()).setWeights([0, 0, 0, 1]));
      expect(scaled).toBeInstanceOf(StateError);
      expect(scaled.message).toMatch(/^LossScaleOptimizer: setWeights\(\) needs .+\. Call build\(variables\) first/);
    });
  });

  describe("build", () => {
    test("happens once: later calls do nothing, as in Keras", async () => {
      const { optimizer, variables } = trained({});
      const before = await readState(optimizer, variables);
      optimizer.build(variables);
      optimizer.build([new Variable(1)]);
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("makes slots of zeros, and does not touch the variables", async () => {
      const variables = made();
      const optimizer = new RMSprop(EVERYTHING);
      optimizer.build(variables);
      expect(optimizer.built).toBe(true);
      const slots = await elementsOf(optimizer.variables.slice(2));
      expect(slots.every((x) => Object.is(x, 0))).toBe(true);
      expect(await elementsOf(variables)).toEqual(await elementsOf(made()));
    });

    test("by the first step is for the variables of that step", () => {
      const [kernel, bias] = made();
      if (!kernel || !bias) throw new TypeError("two variables");
      const optimizer = new RMSprop();
      optimizer.apply([numbersOf(1, 3)], [bias]);
      expect(optimizer.variables.map(({ name }) => name)).toEqual(["iteration", "learning_rate", "bias_velocity"]);
      expect(errorOf(() => optimizer.apply([numbersOf(1, 6)], [kernel])).message).toContain("kernel");
    });

    test("is not changed by changing the list afterwards", async () => {
      const variables = made();
      const optimizer = new RMSprop();
      optimizer.build(variables);
      const [kernel] = variables;
      variables.length = 0;
      optimizer.apply(gradientsOf(1));
      expect(optimizer.iterations).toBe(1);
      expect(await elementsOf([kernel])).not.toEqual([...numbersOf(1, 6)]);
    });
  });

  test("apply of nothing at all does nothing, built or not, as in Keras", async () => {
    const optimizer = new RMSprop();
    optimizer.apply([]);
    optimizer.apply([], []);
    expect([optimizer.built, optimizer.iterations]).toEqual([false, 0]);
    const v = new Variable([1, 2]);
    optimizer.apply([[1, 1]], [v]);
    const before = await readState(optimizer, [v]);
    optimizer.apply([], []);
    expect(await readState(optimizer, [v])).toEqual(before);
  });

  test("applyGradients takes any iterable of pairs, and returns the number of calls", () => {
    const [kernel, bias] = made();
    if (!kernel || !bias) throw new TypeError("two variables");
    const optimizer = new RMSprop({ gradientAccumulationSteps: 2 });
    expect(
      optimizer.applyGradients([
        [numbersOf(1, 6), kernel],
        [null, bias],
      ]),
    ).toBe(1);
    expect(optimizer.applyGradients(new Map([[numbersOf(1, 6), kernel]]))).toBe(2);
    expect(
      optimizer.applyGradients(
        (function* () {
          yield [numbersOf(1, 3), bias] as const;
        })(),
      ),
    ).toBe(3);
    expect(optimizer.iterations).toBe(1);
  });

  test("statelessApply gives what apply gives, and changes nothing", async () => {
    for (const options of [{}, EVERYTHING]) {
      const [stateless, stateful] = [trained(options, 0), trained(options, 0)];
      for (const { optimizer, variables } of [stateless, stateful]) optimizer.build(variables);
      const { optimizer, variables } = stateless;
      let state: Weight[] = (await hostsOf(optimizer.variables)).map(({ value }) => value.slice());
      let values: FloatArray[] = (await hostsOf(variables)).map(({ value }) => value.slice());
      const untouched = await readState(optimizer, variables);
      for (let call = 0; call < 5; call++) {
        [values, state] = optimizer.statelessApply(state, gradientsOf(call), values);
        stateful.optimizer.apply(gradientsOf(call));
      }
      expect(await readState(optimizer, variables)).toEqual(untouched);
      expect(values.map(bitsOf)).toEqual(stateful.variables.map(({ value }) => bitsOf(value)));
      expect(state.map((value) => bitsOf(value as FloatArray))).toEqual(
        stateful.optimizer.variables.map(({ value }) => bitsOf(value)),
      );
    }
  });

  test.each<readonly [string, (optimizer: RMSprop, state: Weight[], values: Variable[]) => unknown]>([
    ["too little state", (o, state, values) => o.statelessApply(state.slice(1), gradientsOf(1), values)],
    ["a state that is NaN", (o, state, values) => o.statelessApply(state.with(0, Number.NaN), gradientsOf(1), values)],
    ["too few values", (o, state, values) => o.statelessApply(state, gradientsOf(1), values.slice(1))],
    ["a value of another shape", (o, state) => o.statelessApply(state, gradientsOf(1), [[1], [1, 2, 3]])],
    ["bad gradients", (o, state, values) => o.statelessApply(state, [[1], [2]], values)],
    ["gradients that are all null", (o, state, values) => o.statelessApply(state, [null, null], values)],
  ])("statelessApply with %s throws, and changes nothing", async (_, act) => {
    const { optimizer, variables } = trained(EVERYTHING);
    const before = await readState(optimizer, variables);
    const state = (await hostsOf(optimizer.variables)).map(({ value }) => value.slice());
    errorOf(() => act(optimizer, state, variables));
    expect(await readState(optimizer, variables)).toEqual(before);
  });

  test("statelessApply before build says so", () => {
    const error = errorOf(() => new RMSprop().statelessApply([], [], []));
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toMatch(/^RMSprop: statelessApply\(\) needs .+ not built\. Call build\(variables\) first/);
    const scaled = errorOf(() => new LossScaleOptimizer(new RMSprop()).statelessApply([], [], []));
    expect(scaled).toBeInstanceOf(StateError);
    expect(scaled.message).toMatch(/^LossScaleOptimizer: statelessApply\(\) needs .+\. Call build\(variables\) first/);
  });
});
