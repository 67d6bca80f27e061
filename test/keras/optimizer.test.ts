// Counterparts of Keras' keras/src/optimizers/optimizer_test.py, each named by its test. Keras tests its base class with
// SGD, so SGD is made here from a rule; the numbers are Keras' own.
import { constraints, deserialize, get, RMSprop, type SavedArray, SGD, schedules, serialize, Variable } from "rmsprop";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { errorOf, onEveryEngine } from "../contract/support.js";
import { expectGolden } from "./golden.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  return () => vi.restoreAllMocks();
});

const ONES = [
  [1, 1],
  [1, 1],
];

const oneToFour = (): Variable =>
  new Variable([
    [1, 2],
    [3, 4],
  ]);

const slot = (optimizer: { readonly variables: SGDVariables }, ending: string): number[] =>
  Array.from(optimizer.variables.find(({ name }) => name.endsWith(ending))?.value ?? []);

type SGDVariables = InstanceType<typeof SGD>["variables"];

onEveryEngine((engine) => {
  test("test_iterations_counter: counts steps", () => {
    const v = oneToFour();
    const optimizer = new RMSprop({ learningRate: 1 });
    expect(optimizer.iterations).toBe(0);
    for (const iterations of [1, 2]) {
      optimizer.applyGradients([[ONES, v]]);
      expect(optimizer.iterations).toBe(iterations);
    }
  });

  test("test_empty_gradients: no gradient at all is an error, a missing one a warning", () => {
    const v = new Variable([
      [3, 4],
      [5, 6],
    ]);
    expect(errorOf(() => new SGD({ learningRate: 1 }).applyGradients([[null, v]]))).toBeInstanceOf(RangeError);
    const v2 = new Variable([
      [3, 4],
      [5, 6],
    ]);
    new SGD({ learningRate: 1 }).applyGradients([
      [null, v],
      [ONES, v2],
    ]);
    expect(console.warn).toHaveBeenCalledOnce();
    expectGolden(v.value, [3, 4, 5, 6]);
    expectGolden(v2.value, [2, 3, 4, 5]);
  });

  test("test_clip_args: one of the three can be set", () => {
    expect(new SGD({ clipnorm: 0.1 }).getConfig().clipnorm).toBe(0.1);
    expect(new SGD({ clipvalue: 0.1 }).getConfig().clipvalue).toBe(0.1);
    expect(new SGD({ globalClipnorm: 0.1 }).getConfig().global_clipnorm).toBe(0.1);
    const two = [
      { clipnorm: 0.1, clipvalue: 0.1 },
      { clipnorm: 0.1, globalClipnorm: 0.1 },
    ];
    for (const options of two) {
      expect(errorOf(() => new SGD(options)).message).toContain("Only one way to clip can be set");
    }
  });

  test.each([
    ["test_clip_norm", { clipnorm: 1 }, [100, 100], [0.70710677, 0.70710677]],
    ["test_clip_value", { clipvalue: 1 }, [100, 100], [1, 1]],
    ["test_global_clip_norm", { globalClipnorm: 1 }, [50, 100], [0.4472136, 0.8944272]],
  ])("%s: the clipped gradient is Keras'", (_, options, gradient, golden) => {
    const v = new Variable([0, 0]);
    new SGD({ learningRate: -1, ...options }).apply([gradient], [v]);
    expectGolden(v.value, golden);
  });

  test("test_ema: variables and averages over three steps, the last of which overwrites", () => {
    const v = new Variable([
      [3, 4],
      [5, 6],
    ]);
    const optimizer = new SGD({ learningRate: 1, useEma: true, emaMomentum: 0.9, emaOverwriteFrequency: 3 });
    const golden = [
      [
        [2, 3, 4, 5],
        [2, 3, 4, 5],
      ],
      [
        [1, 2, 3, 4],
        [1.9, 2.8999999, 3.9, 4.9],
      ],
      [
        [1.7099999, 2.71, 3.71, 4.71],
        [1.7099999, 2.71, 3.71, 4.71],
      ],
    ] as const;
    for (const [variable, average] of golden) {
      optimizer.applyGradients([[ONES, v]]);
      expectGolden(v.value, variable);
      expectGolden(slot(optimizer, "average"), average);
    }
  });

  test("test_ema_with_model_fit: after a fit of two epochs the weights are the averages", () => {
    // A Dense layer of two units without bias, all ones, fed 1 and asked for 0: the gradient of the mean square is w.
    const kernel = new Variable([[1, 1]]);
    const optimizer = new SGD({ learningRate: 0.1, useEma: true, emaMomentum: 0.9 });
    for (let epoch = 0; epoch < 2; epoch++) {
      optimizer.minimize(() => ({ value: (kernel.value[0] ?? 0) ** 2, gradients: [kernel.value.slice()] }), [kernel]);
    }
    const average = slot(optimizer, "average");
    optimizer.finalizeVariableValues([kernel]);
    expect([...kernel.value]).toEqual(average);
    expect(average.map((x) => x.toFixed(5))).toEqual(["0.89100", "0.89100"]);
  });

  test("test_constraints_are_applied: no negative weight is left", () => {
    const v = new Variable([-0.5, -0.1, -1, -0.9], { shape: [2, 2], constraint: new constraints.NonNeg() });
    new SGD({ learningRate: 0.0001 }).applyGradients([[[0, 0, 0, 0], v]]);
    expect([...v.value]).toEqual([0, 0, 0, 0]);
  });

  test("test_get_method: by name; an unknown one is an error; null is refused, where Keras gives None", () => {
    expect(get("rmsprop")).toBeInstanceOf(RMSprop);
    expect(errorOf(() => get("typo"))).toBeInstanceOf(RangeError);
    expect(errorOf(() => get(null as unknown as string))).toBeInstanceOf(TypeError);
  });

  test("test_static_loss_scaling: gradients are divided by what the loss was multiplied by", () => {
    const v = oneToFour();
    const optimizer = new SGD({ learningRate: 1, lossScaleFactor: 1024 });
    optimizer.applyGradients([[[1024, 2048, 3072, 4096], v]]);
    expect(optimizer.scaleLoss(1)).toBe(1024);
    expectGolden(v.value, [0, 0, 0, 0]);
  });

  test("test_set_weights: only a built optimizer takes them, and then has them all", () => {
    const x = oneToFour();
    const first = new RMSprop({ momentum: 0.9 });
    first.applyGradients([[[1, 2, 3, 4], x]]);
    const second = new RMSprop({ momentum: 0.9 });
    expect(errorOf(() => second.setWeights(first.variables)).message).toContain("build");
    second.build([x]);
    second.setWeights(first.variables);
    expect(second.variables.map(({ value }) => [...value])).toEqual(first.variables.map(({ value }) => [...value]));
  });

  test("test_gradient_accumulation: three calls make an update", () => {
    const v = oneToFour();
    const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 3 });
    const golden = [
      { variable: [1, 2, 3, 4], sum: 1, calls: 1, iterations: 0 },
      { variable: [1, 2, 3, 4], sum: 2, calls: 2, iterations: 0 },
      { variable: [0, 1, 2, 3], sum: 0, calls: 3, iterations: 1 },
      { variable: [0, 1, 2, 3], sum: 1, calls: 4, iterations: 1 },
    ];
    for (const { variable, sum, calls, iterations } of golden) {
      expect(optimizer.applyGradients([[ONES, v]])).toBe(calls);
      expectGolden(v.value, variable);
      expectGolden(slot(optimizer, "gradient_accumulator"), [sum, sum, sum, sum]);
      expect([slot(optimizer, "iteration"), optimizer.iterations]).toEqual([[calls], iterations]);
    }
  });

  test("test_gradient_accumulation_with_weigth_decay: as one step with the mean, in every bit", () => {
    const [once, gathering] = [new Variable([[0.9], [0.5]]), new Variable([[0.9], [0.5]])];
    const optimizer1 = get({ ...serialize(new RMSprop()), config: { weight_decay: 0.05 } });
    const config = { weight_decay: 0.05, gradient_accumulation_steps: 3 };
    const optimizer3 = get({ ...serialize(new RMSprop()), config });
    for (let epoch = 0; epoch < 8; epoch++) {
      const [first, second, third] = [0, 1, 2].map((batch) =>
        [0, 1].map((j) => ((epoch * 6 + batch * 2 + j) % 11) / 16),
      );
      if (!first || !second || !third) throw new TypeError("three batches");
      const mean = third.map((x, j) => Math.fround((x + (second[j] ?? 0) + (first[j] ?? 0)) / 3));
      optimizer1.applyGradients([[mean, once]]);
      for (const gradient of [first, second, third]) optimizer3.applyGradients([[gradient, gathering]]);
    }
    expectGolden(once.value, [0.8851468, 0.48422593]);
    expectGolden(gathering.value, [0.8851468, 0.48422593]);
  });

  test("test_tf_checkpointing: restored state goes on where it was", () => {
    const v = oneToFour();
    const optimizer = new RMSprop({ momentum: 0.9 });
    optimizer.applyGradients([[[1, 2, 3, 4], v]]);
    const [weights, store]: [Float32Array | Float64Array, Record<string, SavedArray>] = [v.value.slice(), {}];
    optimizer.saveOwnVariables(store);
    optimizer.applyGradients([[[4, 3, 2, 1], v]]);
    const after = [...v.value];
    optimizer.applyGradients([[[1, 1, 1, 1], v]]);
    v.assign(weights);
    optimizer.loadOwnVariables(store);
    expect([...v.value]).not.toEqual(after);
    optimizer.applyGradients([[[4, 3, 2, 1], v]]);
    expect([...v.value]).toEqual(after);
  });

  test("test_callable_learning_rate: a function is asked in each step", () => {
    const v = oneToFour();
    const optimizer = new SGD({ learningRate: () => 0.1 });
    expect(optimizer.iterations).toBe(0);
    optimizer.applyGradients([[ONES, v]]);
    expectGolden(v.value, [0.9, 1.9, 2.9, 3.9]);
    expect(optimizer.iterations).toBe(1);
  });

  test("test_overwrite_with_gradient: one variable takes its gradient, the other a step", () => {
    const v = new Variable(oneToFour(), { overwriteWithGradient: true });
    const v2 = oneToFour();
    new SGD({ learningRate: 1 }).applyGradients([
      [ONES, v],
      [ONES, v2],
    ]);
    expectGolden(v.value, [1, 1, 1, 1]);
    expectGolden(v2.value, [0, 1, 2, 3]);
  });

  test("test_overwrite_with_gradient_with_gradient_accumulation: the largest gradient counts", () => {
    const v = new Variable(oneToFour(), { overwriteWithGradient: true });
    const v2 = oneToFour();
    const optimizer = new SGD({ learningRate: 1, gradientAccumulationSteps: 2 });
    const golden = [
      { gradient: 1, v: [1, 2, 3, 4], v2: [1, 2, 3, 4], sums: [1, 1] },
      { gradient: 2, v: [2, 2, 2, 2], v2: [-0.5, 0.5, 1.5, 2.5], sums: [0, 0] },
      { gradient: 1, v: [2, 2, 2, 2], v2: [-0.5, 0.5, 1.5, 2.5], sums: [1, 1] },
    ];
    golden.forEach((expected, call) => {
      const gradient = new Array<number>(4).fill(expected.gradient);
      optimizer.applyGradients([
        [gradient, v],
        [gradient, v2],
      ]);
      expectGolden(v.value, expected.v);
      expectGolden(v2.value, expected.v2);
      const sums = optimizer.variables.filter(({ name }) => name.endsWith("accumulator"));
      expect(sums.map(({ value }) => [...value])).toEqual(expected.sums.map((sum) => [sum, sum, sum, sum]));
      expect(optimizer.iterations).toBe(Math.floor((call + 1) / 2));
    });
  });

  test("test_setting_lr_to_callable_untracks_lr_var: a schedule takes the number out of the variables", () => {
    const optimizer = new RMSprop({ learningRate: 0.001 });
    expect(optimizer.variables).toHaveLength(2);
    const { learningRate: initialLearningRate } = optimizer;
    optimizer.learningRate = new schedules.PolynomialDecay({ initialLearningRate, decaySteps: 4 });
    expect(optimizer.variables).toHaveLength(1);
  });

  test("test_pickleable_optimizers: an optimizer survives being written and read", () => {
    const optimizer = get("rmsprop");
    const reloaded = deserialize(JSON.parse(JSON.stringify(serialize(optimizer))));
    expect(reloaded.getConfig()).toEqual(optimizer.getConfig());
  });

  test("test_mixed_with_tf_variables: Variables and plain arrays in one optimizer", () => {
    const v = new Variable(oneToFour(), { name: `mixed on ${engine}` });
    const plain = Float32Array.of(1, 2, 3, 4);
    const optimizer = new SGD({ learningRate: 1 });
    optimizer.applyGradients([
      [ONES, v],
      [[1, 1, 1, 1], plain],
    ]);
    expect([optimizer.iterations, [...v.value], [...plain]]).toEqual([1, [0, 1, 2, 3], [0, 1, 2, 3]]);
    optimizer.applyGradients([
      [null, v],
      [[1, 1, 1, 1], plain],
    ]);
    expect(vi.mocked(console.warn).mock.lastCall?.[0]).toContain(v.name);
    expect(optimizer.iterations).toBe(2);
  });

  describe("test_optimizer_auto_naming", () => {
    test("a name is the class name in lower case; there are no numbers, since paths need not differ", () => {
      expect([new RMSprop(), new RMSprop(), new SGD()].map(({ name }) => name)).toEqual(["rmsprop", "rmsprop", "sgd"]);
    });

    test("a name that is given stays, also when it is written and read", () => {
      const optimizer = new RMSprop({ name: "my_rmsprop" });
      expect(optimizer.name).toBe("my_rmsprop");
      expect(deserialize(serialize(optimizer)).name).toBe("my_rmsprop");
    });
  });
});
