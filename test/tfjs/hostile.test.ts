// Input that no step survives, in every form of a step: each is an error that names what it is about, and all weights, slots,
// counters and tensors are as they were. Wrong arguments are in bad-input.test.ts.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { StateError, StateMismatchError } from "rmsprop";
import { fit as fitModel, LossScaleOptimizer, RMSprop } from "rmsprop/tfjs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BACKENDS, bits, bitsOf, startBackend, variable } from "./backends.js";
import { loaded, saved } from "./files.js";
import { compiled, createData, trainOnBatch, weightBits } from "./models.js";
import { onSomeStrategy } from "./suite.js";
import { everythingOf, thrownBy } from "./support.js";

type Used = RMSprop | LossScaleOptimizer;

const sum = (...variables: readonly tf.Tensor[]): tf.Scalar =>
  tf.addN(variables.map((each) => tf.sum(tf.square(each)))) as tf.Scalar;

/** Every form of a step with a list of variables: the gradients are those of the sum of squares. */
const STEPS: readonly (readonly [string, (optimizer: Used, variables: readonly tf.Variable[]) => unknown])[] = [
  [
    "apply",
    (o, variables) =>
      o.apply(
        variables.map(({ shape }) => tf.ones(shape)),
        variables,
      ),
  ],
  [
    "applyGradients",
    (o, variables) => o.applyGradients(variables.map(({ name, shape }) => ({ name, tensor: tf.ones(shape) }))),
  ],
  ["minimize", (o, variables) => o.minimize(() => sum(...variables.slice(0, 1)), [...variables])],
];

const CREATE: readonly (readonly [string, () => Used])[] = [
  ["RMSprop", () => new RMSprop({ learningRate: 0.1, momentum: 0.9, centered: true, useEma: true })],
  ["RMSprop that gathers", () => new RMSprop({ learningRate: 0.1, gradientAccumulationSteps: 3, globalClipnorm: 1 })],
  [
    "LossScaleOptimizer",
    () => new LossScaleOptimizer(new RMSprop({ momentum: 0.9 }), { initialScale: 8, dynamicGrowthSteps: 4 }),
  ],
];

/** Two good variables, and steps made with them. */
function begun(create: () => Used, prefix = ""): { optimizer: Used; good: [tf.Variable, tf.Variable] } {
  const optimizer = create();
  const good: [tf.Variable, tf.Variable] = [variable([1, -2, 3], `${prefix}first`), variable([[4]], `${prefix}second`)];
  for (let i = 0; i < 2; i++) optimizer.minimize(() => sum(...good), good);
  return { optimizer, good };
}

/** A variable of another kind, and whether this backend has any. */
const KINDS: readonly (readonly [string, () => tf.Variable])[] = [
  ["int32", () => tf.variable(tf.tensor1d([1, 2], "int32"), true, "odd")],
  ["bool", () => tf.variable(tf.tensor1d([true, false]), true, "odd")],
  ["complex64", () => tf.variable(tf.complex([1, 2], [0, 0]), true, "odd")],
];

onSomeStrategy((backend) => {
  const cases = STEPS.flatMap(([form, step]) =>
    CREATE.flatMap(([name, create]) => KINDS.map(([dtype, make]) => ({ form, step, name, create, dtype, make }))),
  );
  test.each(cases)("$form of $name refuses a $dtype variable behind good ones", ({ step, create, dtype, make }) => {
    if (dtype === "complex64" && backend === "wasm") return; // TensorFlow.js has none there
    const { optimizer, good } = begun(create);
    tf.engine().startScope();
    const odd = make();
    const before = everythingOf(optimizer, good);
    const error = thrownBy(() => tf.tidy(() => void step(optimizer, [...good, odd])));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(
      new RegExp(`variable must be float32; received variable="odd of ${dtype}". Leave it out.`),
    );
    expect(everythingOf(optimizer, good)).toEqual(before);
    odd.dispose();
    tf.engine().endScope();
    for (const made of [optimizer, ...good]) made.dispose();
  });

  test.each(CREATE)("a loss that no variable is connected to names the variables: %s", (_, create) => {
    const { optimizer, good } = begun(create);
    const stranger = variable([7], "stranger");
    const before = everythingOf(optimizer, good);
    const inList = thrownBy(() => optimizer.minimize(() => sum(stranger), good));
    expect(inList).toBeInstanceOf(RangeError);
    expect(inList.message).toMatch(
      /^\w+: f must have a connection to a variable; received f=a loss that does not depend on first, second\. Compute the loss inside f/,
    );
    const inAll = thrownBy(() => optimizer.minimize(() => tf.scalar(1), true));
    expect(inAll.message).toMatch(/does not depend on first, second, stranger\./);
    const read = thrownBy(() => optimizer.computeGradients(() => tf.sum(tf.tensor(good[0].dataSync()))));
    expect(read.message).toMatch(
      /does not depend on first, second, stranger\. .*not from values that were read before/,
    );
    expect(everythingOf(optimizer, good)).toEqual(before);
    for (const made of [optimizer, ...good, stranger]) made.dispose();
  });

  test("of many variables without a connection the first are named and the others counted", () => {
    const optimizer = new RMSprop();
    const variables = Array.from({ length: 11 }, (_, i) => variable([i], `v${i}`));
    const error = thrownBy(() => optimizer.minimize(() => tf.scalar(1), variables));
    expect(error.message).toContain("v0, v1, v2, v3, v4, v5, v6, v7 and 3 more.");
    for (const made of [optimizer, ...variables]) made.dispose();
  });

  test.each(CREATE)("nothing to train is an error that says why: %s", (_, create) => {
    const optimizer = create();
    const none = thrownBy(() => optimizer.minimize(() => tf.scalar(1)));
    expect(none.message).toMatch(/varList must hold a trainable variable; received varList=no variable\. Make one/);
    const frozen = variable([1], "frozen", false);
    for (const varList of [[frozen], undefined]) {
      const error = thrownBy(() => optimizer.minimize(() => sum(frozen), false, varList));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(/received varList=frozen, not trainable\. Set trainable = true/);
    }
    expect(thrownBy(() => optimizer.computeGradients(() => sum(frozen), [])).message).toMatch(
      /received varList=no variable/,
    );
    expect(optimizer.iterations).toBe(0);
    for (const made of [optimizer, frozen]) made.dispose();
  });

  const NOT_NUMBERS: readonly (readonly [string, (v: tf.Tensor) => tf.Scalar])[] = [
    ["NaN times it", (v) => tf.mul(sum(v), Number.NaN)],
    ["the logarithm of a negative number", (v) => tf.sum(tf.log(v))],
    ["zero times infinity", (v) => tf.mul(tf.sum(tf.mul(v, 0)), Number.POSITIVE_INFINITY)],
  ];
  for (const [name, create] of CREATE.filter(([kind]) => kind !== "LossScaleOptimizer")) {
    test.each(NOT_NUMBERS)(`a loss of NaN changes nothing in ${name}: %s`, (_, loss) => {
      const { optimizer, good } = begun(create);
      const before = everythingOf(optimizer, good);
      for (const attempt of [
        () => optimizer.minimize(() => loss(good[0]), good),
        () => optimizer.minimize(() => loss(good[0])),
        () => optimizer.minimize(() => loss(good[0]), true, good),
      ]) {
        const error = thrownBy(attempt);
        expect(error).toBeInstanceOf(RangeError);
        expect(error.message).toMatch(
          /^RMSprop: f must return a loss that is a number; received f=a loss of NaN\. Nothing was changed\. Look for NaN/,
        );
      }
      expect(everythingOf(optimizer, good)).toEqual(before);
      const { value, grads } = optimizer.computeGradients(() => loss(good[0]), good); // to look at
      expect(value.dataSync()[0]).toBeNaN();
      tf.dispose([value, grads]);
      optimizer.minimize(() => sum(...good), good);
      for (const made of [optimizer, ...good]) made.dispose();
    });
  }

  test("LossScaleOptimizer leaves a step with a loss of NaN out and halves its scale, as in Keras", () => {
    const optimizer = new LossScaleOptimizer(new RMSprop(), { initialScale: 8 });
    const v = variable([1, 2], "v");
    const cost = optimizer.minimize(() => tf.mul(sum(v), Number.NaN), true, [v]);
    expect([cost?.dataSync()[0], bitsOf(v), optimizer.iterations, optimizer.dynamicScale]).toEqual([
      Number.NaN,
      bits([1, 2]),
      0,
      4,
    ]);
    for (const made of [optimizer, v, ...(cost ? [cost] : [])]) made.dispose();
  });

  const GONE: readonly (readonly [string, (optimizer: Used, good: tf.Variable[], gone: tf.Variable) => unknown])[] = [
    ...STEPS.slice(0, 1).map(
      ([name, step]) => [name, (o: Used, good: tf.Variable[], gone: tf.Variable) => step(o, [...good, gone])] as const,
    ),
    ["minimize", (o, good, gone) => o.minimize(() => sum(...good), [...good, gone])],
    ["computeGradients", (o, good, gone) => o.computeGradients(() => sum(...good), [...good, gone])],
    ["finalizeVariableValues", (o, good, gone) => o.finalizeVariableValues([...good, gone])],
  ];
  for (const [name, create] of CREATE.filter(([kind]) => kind !== "RMSprop that gathers")) {
    test.each(GONE)(`a disposed variable behind good ones is refused by ${name} in %s`, (_, use) => {
      const { optimizer, good } = begun(() =>
        create() instanceof RMSprop ? create() : new LossScaleOptimizer(new RMSprop({ useEma: true })),
      );
      const gone = variable([5], "gone");
      optimizer.minimize(() => sum(gone), [gone]);
      gone.dispose();
      const before = everythingOf(optimizer, good);
      const error = thrownBy(() => tf.tidy(() => void use(optimizer, good, gone)));
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(/^\w+: variable gone was disposed, .* Leave it out\.$/);
      expect(everythingOf(optimizer, good)).toEqual(before);
      for (const made of [optimizer, ...good]) made.dispose();
    });
  }

  test("gradients and losses of one backend can be applied on another", async () => {
    const other = backend === "cpu" ? "wasm" : "cpu";
    const create = (): RMSprop => new RMSprop({ learningRate: 0.1, momentum: 0.9, centered: true });
    const [{ optimizer, good }, twin] = [begun(create), begun(create, "other_")];
    const { value, grads } = optimizer.computeGradients(() => sum(...good), good);
    await startBackend(other);
    optimizer.applyGradients(grads);
    await startBackend(backend);
    twin.optimizer.minimize(() => sum(...twin.good), twin.good);
    expect(good.map(bitsOf)).toEqual(twin.good.map(bitsOf));
    tf.dispose([value, grads]);
    for (const made of [optimizer, twin.optimizer, ...good, ...twin.good]) made.dispose();
  });
});

// Without counting tensors: when a step throws, TensorFlow.js' own fit leaves what it had kept for its logs.
describe.each(BACKENDS)("fit that fails on backend %s", (backend) => {
  beforeEach(() => startBackend(backend));
  afterEach(() => tf.disposeVariables());

  test("labels of NaN end fit with that error; the weights are those before the batch", async () => {
    const optimizer = new RMSprop({ learningRate: 0.05, useEma: true });
    const model = compiled(optimizer);
    const data = createData();
    await trainOnBatch(model, data, 2);
    const before = [weightBits(model), optimizer.iterations];
    const bad = tf.tidy(() => tf.mul(data.y, Number.NaN));
    await expect(fitModel(model, data.x, bad, { epochs: 1, verbose: 0 })).rejects.toThrow(/received f=a loss of NaN/);
    expect([weightBits(model), optimizer.iterations]).toEqual(before);
    for (const made of [model, optimizer, data.x, data.y, bad]) made.dispose();
  });

  test("fit of a model or with an optimizer that was disposed of fails and changes nothing", async () => {
    const data = createData();
    const optimizer = new RMSprop({ useEma: true });
    const [model, other] = [compiled(optimizer), compiled(optimizer, 2)];
    await trainOnBatch(other, data, 1);
    const before = [weightBits(other), optimizer.iterations];
    model.dispose();
    await expect(fitModel(model, data.x, data.y, { epochs: 1, verbose: 0 })).rejects.toThrow(/dispose/i);
    expect([weightBits(other), optimizer.iterations]).toEqual(before);
    optimizer.dispose();
    await expect(fitModel(other, data.x, data.y, { epochs: 1, verbose: 0 })).rejects.toThrow(
      "RMSprop: rmsprop was disposed. Make a new one.",
    );
    expect(weightBits(other)).toEqual(before[0]);
    for (const made of [other, data.x, data.y]) made.dispose();
  });
});

describe("configs", () => {
  const rmsprop = { class_name: "RMSprop", config: { momentun: 0.9 } };
  const decay = { class_name: "ExponentialDecay", config: { initial_learning_rate: 1, decay_steps: 1, decay_rat: 1 } };
  const UNKNOWN: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["an optimizer", () => RMSprop.fromConfig({ jit_compile: true, rho: 0.9 }), /jit_compile must be a known argument/],
    [
      "TensorFlow.js' call",
      () => RMSprop.fromConfig(RMSprop, { rhoo: 0.9 }),
      /rhoo must be a known argument; .*Did you mean rho\?/,
    ],
    [
      "a schedule",
      () => RMSprop.fromConfig({ learning_rate: decay }),
      /decay_rat must be a known argument; .*Did you mean decay_rate\?/,
    ],
    [
      "an inner optimizer",
      () => LossScaleOptimizer.fromConfig({ inner_optimizer: rmsprop }),
      /momentun must be .*Did you mean momentum\?/,
    ],
    [
      "an outer optimizer",
      () => LossScaleOptimizer.fromConfig({ inner_optimizer: { ...rmsprop, config: {} }, initial_scal: 2 }),
      /initial_scal must be a known argument; received initial_scal=2\. Did you mean initial_scale\?/,
    ],
  ];
  test.each(UNKNOWN)("with a key that is not known are refused by its name: %s", (_, create, message) => {
    const error = thrownBy(create);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(message);
  });

  test("a saved model whose optimizer has one is not loaded", async () => {
    await startBackend("cpu");
    const optimizer = new RMSprop();
    const model = compiled(optimizer);
    const text = await saved(model);
    const bad = text.replace('"rho":', '"rhoo":');
    expect(bad).not.toBe(text);
    await expect(loaded(bad)).rejects.toThrow(
      /RMSprop: rhoo must be a known argument; received rhoo=0.9\. Did you mean rho\?/,
    );
    tf.disposeVariables();
  });

  test("saved weights of another model are not taken for its own", async () => {
    await startBackend("cpu");
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const [small, large] = [new RMSprop(), new RMSprop()];
    const model = compiled(small);
    const wide = tfl.sequential({ layers: [tfl.layers.dense({ units: 7, inputShape: [4] })] });
    wide.compile({ optimizer: large, loss: "meanSquaredError" });
    const data = createData();
    await trainOnBatch(model, data, 1);
    const y = tf.ones([12, 7]);
    await wide.trainOnBatch(data.x, y);
    const before = [weightBits(wide), large.variables.map(({ value }) => bits(value))];
    await expect(large.setWeights(await small.getWeights())).rejects.toThrow(StateMismatchError);
    expect([weightBits(wide), large.variables.map(({ value }) => bits(value))]).toEqual(before);
    vi.restoreAllMocks();
    tf.disposeVariables();
    tf.dispose([data.x, data.y, y]);
  });
});
