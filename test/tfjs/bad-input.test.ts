// What cannot be meant gets an error that names the argument, what it must be, what came, and what to do; nothing changes.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { LossScaleOptimizer, type NamedTensor, RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { describe, expect, test } from "vitest";
import { bits, bitsOf, memory, variable } from "./backends.js";
import { compiled } from "./models.js";
import { onEveryBackend } from "./suite.js";
import { thrownBy } from "./support.js";

/** `<owner>: <argument> must <requirement>; received <argument>=<value>. <What to do.>` */
const FORM = /^\w+: .+ must .+; received .+=.+\. .+[.?]$/;

/** What JavaScript lets a user pass. */
const any = (value: unknown): never => value as never;

type Used = RMSprop | LossScaleOptimizer;
type Misuse = (optimizer: Used, v: tf.Variable, w: tf.Variable) => unknown;

const sum = (v: tf.Variable): tf.Scalar => tf.sum(tf.square(v)) as tf.Scalar;
const tensors = (...values: (tf.TensorLike | null)[]): (tf.Tensor | null)[] =>
  values.map((value) => (value === null ? null : tf.tensor(value)));

function int32(optimizer: Used, use: (optimizer: Used, counter: tf.Variable) => unknown): void {
  const counter = tf.variable(tf.scalar(3, "int32"));
  try {
    use(optimizer, counter);
  } finally {
    counter.dispose();
  }
}

/** A sentence about the input, what is done with it, and what the message says. */
const GRADIENTS: readonly (readonly [string, Misuse, RegExp])[] = [
  [
    "a gradient of another shape",
    (o, v, w) => o.apply(tensors([1, 2], [1, 2]), [v, w]),
    /gradient of w must have the shape \[1\]; received .*\[2\]/,
  ],
  [
    "a gradient that would broadcast",
    (o, v) => o.apply(tensors(1), [v]),
    /gradient of v must have the shape \[2\]; received .*\[\]/,
  ],
  [
    "a gradient of int32",
    (o, v) => o.apply([tf.tensor1d([1, 2], "int32")], [v]),
    /gradient of v must be float32 like its variable; received .*int32/,
  ],
  [
    "a gradient of bool",
    (o, v) => o.applyGradients({ [v.name]: tf.tensor1d([true, false]) }),
    /gradient of v must be float32 .*bool/,
  ],
  [
    "an array for a gradient",
    (o, v) => o.apply([any([1, 2])], [v]),
    /gradient of v must be a tensor or null; received .*Array\(2\)/,
  ],
  [
    "a typed array for a gradient",
    (o, v) => o.apply([any(Float32Array.of(1, 2))], [v]),
    /must be a tensor or null; received .*Float32Array\(2\)/,
  ],
  ["a string for a gradient", (o, v) => o.apply([any("1")], [v]), /must be a tensor or null; received .*"1"/],
  [
    "too few gradients",
    (o, v, w) => o.apply(tensors([1, 2]), [v, w]),
    /gradients must have 2 items, one for each variable; received .*Array\(1\)/,
  ],
  ["too many gradients", (o, v) => o.apply(tensors([1, 2], [3]), [v]), /gradients must have 1 items/],
  [
    "gradients that are no list",
    (o, v) => o.apply(any(tf.ones([2])), [v]),
    /gradients must be an array; received gradients=an object of Tensor/,
  ],
  ["all gradients null", (o, v, w) => o.apply([null, null], [v, w]), /gradients must not all be null; received .*v, w/],
  ["all gradients null by name", (o, v) => o.applyGradients({ [v.name]: any(null) }), /gradients must not all be null/],
  ["null for the map", (o) => o.applyGradients(any(null)), /gradients must be an object of tensors by the names/],
  ["a number for the map", (o) => o.applyGradients(any(3)), /gradients must be an object of tensors/],
  [
    "pairs as in core",
    (o, v) => o.applyGradients(any([[tf.ones([2]), v]])),
    /gradients\[0\] must be { name, tensor }; .*call apply\(gradients, variables\)/,
  ],
];

const VARIABLES: readonly (readonly [string, Misuse, RegExp])[] = [
  [
    "a variable twice",
    (o, v) => o.apply(tensors([1, 2], [1, 2]), [v, v]),
    /variables\[1\] must not be there twice; received .*"v"/,
  ],
  [
    "a variable twice by name",
    (o, v) => o.applyGradients([v, v].map(({ name }) => ({ name, tensor: tf.ones([2]) }))),
    /not be there twice/,
  ],
  ["a variable twice in minimize", (o, v) => o.minimize(() => sum(v), [v, v]), /not be there twice/],
  [
    "a name that no variable has",
    (o) => o.applyGradients({ nothing: tf.ones([2]) }),
    /variable must exist; received variable="nothing"/,
  ],
  [
    "a name that every object has",
    (o) => o.applyGradients([{ name: "constructor", tensor: tf.ones([2]) }]),
    /variable must exist; received variable="constructor"/,
  ],
  [
    "a variable of int32",
    (o, v) => int32(o, (_, counter) => o.apply(tensors([1, 2], 1), [v, counter])),
    /variable must be float32; received .*int32/,
  ],
  [
    "a variable of int32 without a gradient",
    (o, v) => int32(o, (_, counter) => o.apply(tensors([1, 2], null), [v, counter])),
    /variable must be float32; received .*int32/,
  ],
  [
    "a tensor for a variable",
    (o, v) => o.apply(tensors([1, 2]), [any(v.clone())]),
    /variable must be a tf.Variable; received .*Tensor/,
  ],
  [
    "a variable that is not in a list",
    (o, v) => o.apply(tensors([1, 2]), any(v)),
    /variables must be an array; received .*Variable.*\. Pass \[variable\]/,
  ],
  [
    "no variable at all",
    (o) => o.apply(tensors([1, 2]), [any(undefined)]),
    /variable must be a tf.Variable; received .*undefined/,
  ],
  [
    "finalizing a variable that was never trained",
    (o, _, w) => o.finalizeVariableValues([w]),
    /variables\[0\] must be one that the optimizer was built with; received .*w.* It knows/,
  ],
];

const LOSSES: readonly (readonly [string, Misuse, RegExp])[] = [
  ["a loss that is no function", (o, v) => o.minimize(any(3), [v]), /f must be a function; received f=3/],
  [
    "a loss that returns nothing",
    (o, v) =>
      o.minimize(
        any(() => undefined),
        [v],
      ),
    /f must return a scalar tensor; received f=undefined. Return the loss/,
  ],
  [
    "a loss that returns a number",
    (o, v) =>
      o.minimize(
        any(() => 3),
        [v],
      ),
    /f must return a scalar tensor; received f=3/,
  ],
  [
    "a loss that returns a promise",
    (o, v) =>
      o.minimize(
        any(async () => 3),
        [v],
      ),
    /f must return a scalar tensor; received f=an object of Promise. .*promise/,
  ],
  [
    "a loss that is no scalar",
    (o, v) =>
      o.minimize(
        any(() => tf.square(v)),
        true,
        [v],
      ),
    /f must return a scalar tensor; received .*\[2\].*tf.mean/,
  ],
  [
    "one variable instead of a list",
    (o, v) => o.minimize(() => sum(v), any(v)),
    /returnCost must be true, false or an array of variables; received .*Variable.*\. Pass \[variable\]/,
  ],
  [
    "one variable as the third argument",
    (o, v) => o.minimize(() => sum(v), true, any(v)),
    /varList must be an array; received .*Variable.*\. Pass \[variable\]/,
  ],
  [
    "a tensor among the variables",
    (o, v) => o.minimize(() => sum(v), [v, any(v.clone())]),
    /variable must be a tf.Variable; received .*Tensor/,
  ],
  ["no function in computeGradients", (o) => o.computeGradients(any(null)), /f must be a function; received f=null/],
];

onEveryBackend((backend) => {
  for (const wrapped of [false, true]) {
    describe(wrapped ? "in a LossScaleOptimizer" : "by itself", () => {
      test.each([...GRADIENTS, ...VARIABLES, ...LOSSES])(
        "%s is refused, before the first step and after",
        (_, misuse, message) => {
          const inner = new RMSprop({ learningRate: 0.1, momentum: 0.9, useEma: true, emaOverwriteFrequency: 2 });
          const optimizer = wrapped ? new LossScaleOptimizer(inner, { initialScale: 2 }) : inner;
          const [v, w] = [variable([1, 2], "v"), variable([3], "w")];
          for (let round = 0; round < 2; round++) {
            const before = [stateOf(inner), bitsOf(v), bitsOf(w), memory()];
            const error = thrownBy(() => tf.tidy(() => void misuse(optimizer, v, w)));
            expect(error.message).toMatch(message);
            expect(error.message).toMatch(FORM);
            expect([stateOf(inner), bitsOf(v), bitsOf(w), memory()]).toEqual(before);
            optimizer.minimize(() => sum(v), [v]);
            expect(inner.iterations).toBe(round + 1);
          }
          for (const made of [optimizer, v, w]) made.dispose();
        },
      );
    });
  }

  const GONE: readonly (readonly [string, Misuse])[] = [
    ["apply", (o, v) => o.apply(tensors([1, 2]), [v])],
    ["minimize", (o, v) => o.minimize(() => tf.scalar(1), [v])],
    ["finalizeVariableValues", (o, v) => o.finalizeVariableValues([v])],
  ];
  test.each(GONE)("a variable that was disposed of is refused in %s", (_, misuse) => {
    for (const how of ["dispose", "tf.disposeVariables"]) {
      const optimizer = new RMSprop({ useEma: true });
      const v = variable([1, 2], "v");
      optimizer.minimize(() => sum(v), [v]);
      if (how === "dispose") v.dispose();
      else tf.disposeVariables();
      const error = thrownBy(() => tf.tidy(() => void misuse(optimizer, v, v)));
      expect(error).toBeInstanceOf(core.StateError);
      expect(error.message).toMatch(/^RMSprop: variable v was disposed, .* Leave it out\.$/);
      optimizer.dispose();
    }
  });

  test("a disposed variable is not mistaken for another of the same name", () => {
    const optimizer = new RMSprop();
    const old = variable([1, 2], "v");
    old.dispose();
    const v = variable([1, 2], "v");
    expect(thrownBy(() => tf.tidy(() => optimizer.apply(tensors([1, 2]), [old]))).message).toMatch(/was disposed/);
    expect(bitsOf(v)).toBe(bits([1, 2]));
    for (const made of [optimizer, v]) made.dispose();
  });

  test("the weights of a model that was disposed of are refused by name", () => {
    const optimizer = new RMSprop();
    const model = compiled(optimizer);
    const [weight] = model.trainableWeights;
    const name = weight?.name ?? "";
    model.dispose();
    const error = thrownBy(() => tf.tidy(() => optimizer.applyGradients({ [name]: tf.ones([4, 3]) })));
    expect(error.message).toMatch(/variable must exist; received variable="layer1_hidden\/kernel.*". It was disposed/);
    optimizer.dispose();
  });

  test("a gradient that was disposed of is refused", () => {
    const optimizer = new RMSprop();
    const [v, w] = [variable([1, 2], "v"), variable([3], "w")];
    const [good, bad] = [tf.ones([2]), tf.ones([1])];
    bad.dispose();
    const error = thrownBy(() => optimizer.apply([good, bad], [v, w]));
    expect(error).toBeInstanceOf(core.StateError);
    expect(error.message).toBe("RMSprop: the gradient of w was disposed. Keep it with tf.keep.");
    expect([bitsOf(v), optimizer.iterations]).toEqual([bits([1, 2]), 0]);
    for (const made of [optimizer, v, w, good]) made.dispose();
  });

  test("a gradient of complex numbers is refused, where there are such", () => {
    if (backend === "wasm") return; // TensorFlow.js has none there
    const optimizer = new RMSprop();
    const v = variable([1, 2], "v");
    const error = thrownBy(() => tf.tidy(() => optimizer.apply([tf.complex([1, 2], [0, 0])], [v])));
    expect(error.message).toMatch(/gradient of v must be float32 like its variable; received .*complex64/);
    for (const made of [optimizer, v]) made.dispose();
  });

  test("a layer's weight instead of its variable is refused with the way to it", () => {
    const optimizer = new RMSprop();
    const model = compiled(optimizer);
    const error = thrownBy(() => tf.tidy(() => optimizer.apply([tf.ones([4, 3])], [any(model.trainableWeights[0])])));
    expect(error.message).toMatch(/variable must be a tf.Variable; .* Of a layer's weight, pass weight.read\(\)/);
    for (const made of [optimizer, model]) made.dispose();
  });

  const USES: readonly (readonly [string, (optimizer: Used, v: tf.Variable) => unknown])[] = [
    ["minimize", (o, v) => o.minimize(() => sum(v), [v])],
    ["apply", (o, v) => tf.tidy(() => o.apply(tensors([1, 2]), [v]))],
    ["applyGradients", (o, v) => tf.tidy(() => o.applyGradients({ [v.name]: tf.ones([2]) }))],
    ["finalizeVariableValues", (o) => o.finalizeVariableValues()],
    ["withAverage", (o) => o.withAverage(() => undefined)],
  ];
  test.each(USES)("%s after dispose is refused, and inside withAverage", (_, use) => {
    for (const wrapped of [false, true]) {
      const inner = new RMSprop({ useEma: true });
      const optimizer = wrapped ? new LossScaleOptimizer(inner) : inner;
      const v = variable([1, 2], "v");
      optimizer.minimize(() => sum(v), [v]);
      const before = bitsOf(v);
      const inside = thrownBy(() => optimizer.withAverage(() => use(optimizer, v)));
      expect(inside).toBeInstanceOf(core.StateError);
      expect(inside.message).toMatch(/^RMSprop: the variables hold their averages inside withAverage/);
      expect(bitsOf(v)).toBe(before);
      optimizer.dispose();
      const memoryBefore = memory();
      const error = thrownBy(() => use(optimizer, v));
      expect(error).toBeInstanceOf(core.StateError);
      expect(error.message).toBe("RMSprop: rmsprop was disposed. Make a new one.");
      expect(memory()).toEqual(memoryBefore);
      expect(bitsOf(v)).toBe(before);
      v.dispose();
    }
  });
  test("getWeights and setWeights after dispose are refused", async () => {
    for (const optimizer of [new RMSprop(), new LossScaleOptimizer(new RMSprop())]) {
      const weights = (await optimizer.getWeights()).map(({ name, tensor }) => ({ name, tensor: tensor.clone() }));
      optimizer.dispose();
      await expect(optimizer.getWeights()).rejects.toThrow(core.StateError);
      await expect(optimizer.setWeights(weights)).rejects.toThrow(core.StateError);
      tf.dispose(weights.map(({ tensor }) => tensor));
    }
  });

  test("dispose inside withAverage is refused, and the trained values come back", () => {
    const optimizer = new RMSprop({ useEma: true, emaMomentum: 0.5, learningRate: 0.1 });
    const v = variable([1, 2], "v");
    for (let i = 0; i < 2; i++) optimizer.minimize(() => sum(v), [v]);
    const before = bitsOf(v);
    expect(() => optimizer.withAverage(() => optimizer.dispose())).toThrow(core.StateError);
    expect(bitsOf(v)).toBe(before);
    optimizer.minimize(() => sum(v), [v]);
    for (const made of [optimizer, v]) made.dispose();
  });

  const RATES: readonly (readonly [string, core.LearningRateLike, RegExp])[] = [
    [
      "a function that returns a string",
      any(() => "0.1"),
      /^RMSprop: learningRate must be a finite number; the function gave another value at step 0; received learningRate="0.1"/,
    ],
    ["a function that returns NaN", () => Number.NaN, /received learningRate=NaN/],
    [
      "a schedule that returns infinity",
      new (class extends core.LearningRateSchedule {
        override call(): number {
          return Number.POSITIVE_INFINITY;
        }
      })(),
      /the schedule gave another value at step 0; received learningRate=Infinity/,
    ],
  ];
  test.each(RATES)("%s is refused in the step, and nothing changes", (_, learningRate, message) => {
    const optimizer = new RMSprop({ learningRate, useEma: true });
    const v = variable([1, 2], "v");
    const before = memory();
    expect(thrownBy(() => optimizer.minimize(() => sum(v), [v])).message).toMatch(message);
    expect([memory(), bitsOf(v), optimizer.iterations]).toEqual([before, bits([1, 2]), 0]);
    for (const made of [optimizer, v]) made.dispose();
  });
});

/** Constructors and configs, which need no backend: what is done, the class of the error, and its message. */
const OPTIONS: readonly (readonly [string, () => unknown, ErrorConstructor, RegExp])[] = [
  [
    "TensorFlow.js' positional arguments",
    () => Reflect.construct(RMSprop, [0.001, 0.9]),
    TypeError,
    /options must be one object; received options=0.001. Pass { name, learningRate, ... }/,
  ],
  ["null", () => new RMSprop(any(null)), TypeError, /options must be one object; received options=null/],
  ["an array", () => new RMSprop(any([0.001])), TypeError, /options must be one object/],
  [
    "an unknown option",
    () => new RMSprop(any({ weight_decay: 0.1 })),
    TypeError,
    /weight_decay must be a known argument; received weight_decay=0.1. Did you mean weightDecay\?/,
  ],
  ["TensorFlow.js' name of rho", () => new RMSprop(any({ decay: 0.9 })), RangeError, /tf\.train\.rmsprop, call it rho/],
  ...badOptions({
    learningRate: ["0.1", Number.NaN, Number.POSITIVE_INFINITY, null],
    rho: [-0.1, 1.1, Number.NaN, "0.9", null],
    momentum: [-1, Number.NaN, true],
    epsilon: [-1e-7, Number.NaN, null],
    centered: [1, "yes", null],
    weightDecay: [-1, Number.NaN, "0"],
    clipnorm: [Number.NaN, "1"],
    clipvalue: [Number.POSITIVE_INFINITY, [1]],
    globalClipnorm: [Number.NaN, {}],
    useEma: [1, null],
    emaMomentum: [-0.1, 1.1, Number.NaN, null],
    emaOverwriteFrequency: [-1, 1.5, "2"],
    lossScaleFactor: [0, -1, Number.NaN, "8"],
    gradientAccumulationSteps: [1, 2.5, -2, "2"],
    name: ["a/b", 3],
  }),
  [
    "two clips",
    () => new RMSprop({ clipnorm: 1, clipvalue: 1 }),
    RangeError,
    /clipvalue must be null when clipnorm is set/,
  ],
  [
    "a config with an unknown key",
    () => RMSprop.fromConfig({ rho: 0.9, momentun: 0.9 }),
    TypeError,
    /momentun must be a known argument; .*Did you mean momentum\?/,
  ],
  [
    "a config that is none",
    () => RMSprop.fromConfig(any(null)),
    TypeError,
    /config must be an object; received config=null/,
  ],
  [
    "a config with an unknown schedule",
    () => RMSprop.fromConfig({ learning_rate: { class_name: "CosineDecoy", config: {} } }),
    RangeError,
    /class_name must be a known class; received class_name="CosineDecoy". Did you mean CosineDecay\?/,
  ],
  [
    "a config with a function",
    () => RMSprop.fromConfig({ learning_rate: { class_name: "function", config: "mine" } }),
    RangeError,
    /learning_rate must be a function that is passed along, .*; received learning_rate="mine"\. Pass it under/,
  ],
  [
    "a loss scale that is no number",
    () => Object.assign(new RMSprop(), { lossScaleFactor: "8" }),
    TypeError,
    /lossScaleFactor must be a finite number > 0 or null; received lossScaleFactor="8"/,
  ],
  [
    "a loss scale of zero",
    () => Object.assign(new RMSprop(), { lossScaleFactor: 0 }),
    RangeError,
    /lossScaleFactor must be .*; received lossScaleFactor=0/,
  ],
  [
    "a learning rate set to a string",
    () => Object.assign(new RMSprop(), { learningRate: "fast" }),
    TypeError,
    /learningRate must be a finite number, a LearningRateSchedule or a function; received learningRate="fast"/,
  ],
  [
    "a pattern that is none",
    () => new RMSprop().excludeFromWeightDecay({ names: ["("] }),
    RangeError,
    /names\[0\] must be a regular expression/,
  ],
  [
    "withAverage of no function",
    () => new RMSprop({ useEma: true }).withAverage(any(3)),
    TypeError,
    /fn must be a function; received fn=3/,
  ],
];

/** Wrong values by option: each is a case. */
function badOptions(
  values: Readonly<Record<string, readonly unknown[]>>,
): (readonly [string, () => unknown, ErrorConstructor, RegExp])[] {
  return Object.entries(values).flatMap(([option, wrong]) =>
    wrong.map((value) => {
      const isNumber = typeof value === "number" || (option === "name" && typeof value === "string");
      const kind =
        isNumber && !["centered", "useEma"].includes(option) && !(option === "name" && value === 3)
          ? RangeError
          : TypeError;
      const create = (): unknown => new RMSprop({ [option]: value } as RMSpropOptions);
      return [
        `${option}: ${JSON.stringify(value)} (${String(value)})`,
        create,
        kind as ErrorConstructor,
        new RegExp(`${option} must `),
      ] as const;
    }),
  );
}

const SCALED: readonly (readonly [string, () => unknown, ErrorConstructor, RegExp])[] = [
  [
    "an optimizer of TensorFlow.js",
    () => new LossScaleOptimizer(any(tf.train.sgd(0.1))),
    TypeError,
    /innerOptimizer must be an optimizer of this package; received innerOptimizer=an object of SGDOptimizer/,
  ],
  [
    "an optimizer of core",
    () => new LossScaleOptimizer(any(new core.RMSprop())),
    TypeError,
    /innerOptimizer must be .* Pass an optimizer of "rmsprop\/tfjs"/,
  ],
  [
    "itself",
    () => new LossScaleOptimizer(any(new LossScaleOptimizer(new RMSprop()))),
    TypeError,
    /innerOptimizer must be/,
  ],
  [
    "nothing",
    () => Reflect.construct(LossScaleOptimizer, []),
    TypeError,
    /innerOptimizer must be .*; received innerOptimizer=undefined/,
  ],
  [
    "an option of the inner optimizer",
    () => new LossScaleOptimizer(new RMSprop(), any({ learningRate: 0.1 })),
    TypeError,
    /learningRate must not be set here; .* Set learningRate on the inner optimizer/,
  ],
  [
    "a scale of zero",
    () => new LossScaleOptimizer(new RMSprop(), { initialScale: 0 }),
    RangeError,
    /initialScale must be a finite number > 0/,
  ],
  [
    "half a step",
    () => new LossScaleOptimizer(new RMSprop(), { dynamicGrowthSteps: 1.5 }),
    RangeError,
    /dynamicGrowthSteps must be an integer >= 1/,
  ],
  [
    "a config without an inner optimizer",
    () => LossScaleOptimizer.fromConfig({ initial_scale: 2 }),
    TypeError,
    /inner_optimizer must be { class_name, config }/,
  ],
  [
    "a config with another inner optimizer",
    () => LossScaleOptimizer.fromConfig({ inner_optimizer: { class_name: "Adafactor", config: {} } }),
    RangeError,
    /class_name must be a known class; received class_name="Adafactor"/,
  ],
];

describe("construction", () => {
  test.each([...OPTIONS, ...SCALED])("%s is refused", (_, create, kind, message) => {
    const error = thrownBy(create);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(FORM);
  });

  test.each([
    ["no list", any(undefined)],
    ["numbers", any([1, 2])],
    ["tensors without names", any([{ tensor: 1 }])],
  ])("setWeights of %s is refused", async (_, weights: NamedTensor[]) => {
    for (const optimizer of [new RMSprop(), new LossScaleOptimizer(new RMSprop())]) {
      const error = await Promise.resolve()
        .then(() => optimizer.setWeights(weights))
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(
        /weights(\[0\])? must be (an array|{ name, tensor }); received .* Pass what getWeights\(\) gave/,
      );
    }
  });

  test("withAverage without averages says how to get them", () => {
    expect(() => new RMSprop().withAverage(() => undefined)).toThrow("withAverage needs averages. Pass useEma: true.");
  });
});

function stateOf({ variables }: RMSprop): string[] {
  return variables.map(({ path, value }) => `${path} ${bits(value)}`);
}
