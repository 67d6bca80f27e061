// Every mistake that a user may make gets an error of one form, which says who complains, about which argument, what it
// must be, what came, and what to do; and nothing has changed. That steps go on afterwards is tested in atomic.test.ts.
import {
  AdamW,
  type BaseOptions,
  constraints,
  type Gradient,
  LearningRateSchedule,
  RMSprop,
  type RMSpropOptions,
  StateError,
  schedules,
  setEngine,
  Variable,
  type VariableLike,
} from "rmsprop";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  complaintOf,
  detached,
  errorOf,
  hostOf,
  numbersOf,
  ON_DEVICE,
  onEveryEngine,
  readState,
  refusalOf,
} from "./support.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  return () => vi.restoreAllMocks();
});

/** `RangeError` for a bad value, `TypeError` for a bad kind. */
type ErrorClass = RangeErrorConstructor | TypeErrorConstructor;

interface Expected {
  readonly type: ErrorClass;
  readonly owner?: string;
  readonly argument: string;
  /** The value as the message shows it. */
  readonly received: string;
  /** What the message must contain besides, such as the remedy. */
  readonly says?: string | RegExp;
}

function expectComplaint(act: () => unknown, expected: Expected): void {
  const error = errorOf(act);
  const { type, owner = "RMSprop", argument, received, says = "" } = expected;
  expect(complaintOf(error.message)).toMatchObject({ owner, argument, received });
  expect(error.constructor).toBe(type);
  expect(error.message).toMatch(says);
}

const refuse = (type: ErrorClass, argument: string, received: string, says: string | RegExp = ""): Expected => ({
  ...{ type, argument, received, says },
});

/** The same mistake with several values of one argument: each with what the message shows of it. */
type Values = readonly (readonly [unknown, string])[];

const NO_NUMBERS: Values = [
  ["1", '"1"'],
  ["", '""'],
  [true, "true"],
  [1n, "1n"],
  [[0.5], "Array(1)"],
  [{}, "an object of Object"],
  [new Date(0), "an object of Date"],
];
const NOT_FINITE: Values = [
  [Number.NaN, "NaN"],
  [Infinity, "Infinity"],
  [-Infinity, "-Infinity"],
];
const NULL: Values = [[null, "null"]];
const NO_BOOLEANS: Values = [
  [1, "1"],
  [0, "0"],
  ["true", '"true"'],
  [null, "null"],
];

/** Values of a wrong kind, and values out of range. */
interface Bad {
  readonly kind: Values;
  readonly value: Values;
}

/** For each argument of every optimizer, and for Keras' own of RMSprop. */
const ARGUMENTS: Readonly<Record<keyof BaseOptions, Bad> & Record<string, Bad>> = {
  learningRate: { kind: [...NO_NUMBERS, ...NULL], value: [...NOT_FINITE, [1e39, "1e+39"]] },
  rho: { kind: [...NO_NUMBERS, ...NULL], value: [...NOT_FINITE, [-0.1, "-0.1"], [1.1, "1.1"], [99, "99"]] },
  momentum: { kind: [...NO_NUMBERS, ...NULL], value: [...NOT_FINITE, [-0.9, "-0.9"]] },
  epsilon: { kind: [...NO_NUMBERS, ...NULL], value: [...NOT_FINITE, [-1e-7, "-1e-7"]] },
  centered: { kind: NO_BOOLEANS, value: [] },
  weightDecay: { kind: [...NO_NUMBERS, [false, "false"]], value: [...NOT_FINITE, [-0.004, "-0.004"]] },
  clipnorm: { kind: NO_NUMBERS, value: NOT_FINITE },
  clipvalue: { kind: NO_NUMBERS, value: NOT_FINITE },
  globalClipnorm: { kind: NO_NUMBERS, value: NOT_FINITE },
  useEma: { kind: NO_BOOLEANS, value: [] },
  emaMomentum: { kind: [...NO_NUMBERS, ...NULL], value: [...NOT_FINITE, [-0.1, "-0.1"], [1.1, "1.1"]] },
  emaOverwriteFrequency: { kind: NO_NUMBERS, value: [...NOT_FINITE, [-1, "-1"], [2.5, "2.5"]] },
  lossScaleFactor: { kind: NO_NUMBERS, value: [...NOT_FINITE, [0, "0"], [-8, "-8"]] },
  skipNonFinite: { kind: NO_BOOLEANS, value: [] },
  trackNorm: { kind: NO_BOOLEANS, value: [] },
  gradientAccumulationSteps: { kind: NO_NUMBERS, value: [...NOT_FINITE, [1, "1"], [2.5, "2.5"], [-2, "-2"]] },
  name: {
    kind: [
      [7, "7"],
      [{}, "an object of Object"],
    ],
    value: [["a/b", '"a/b"']],
  },
};

describe("an argument of the constructor", () => {
  const rows = Object.entries(ARGUMENTS).flatMap(([argument, { kind, value }]) => [
    ...kind.map(([bad, received]) => [argument, received, bad, TypeError] as const),
    ...value.map(([bad, received]) => [argument, received, bad, RangeError] as const),
  ]);
  test.each(rows)("%s=%s is refused", (argument, received, bad, type) => {
    expectComplaint(() => new RMSprop({ [argument]: bad }), { type, argument, received });
  });

  test("a number as a string is told to be converted", () => {
    for (const argument of ["rho", "epsilon", "clipnorm", "learningRate"]) {
      const expected = refuse(TypeError, argument, '"0.5"', /Convert it with Number\(\)\.$/);
      expectComplaint(() => new RMSprop({ [argument]: "0.5" }), expected);
    }
  });

  test("accumulation over one call, or over half a call more, is told the least number", () => {
    for (const steps of [1, 2.5]) {
      const expected = refuse(RangeError, "gradientAccumulationSteps", `${steps}`, /be an integer >= 2/);
      expectComplaint(() => new RMSprop({ gradientAccumulationSteps: steps }), expected);
    }
  });

  test.each<readonly [RMSpropOptions, string, string]>([
    [{ clipnorm: 1, clipvalue: 2 }, "clipvalue", "2"],
    [{ clipnorm: 1, globalClipnorm: 2 }, "globalClipnorm", "2"],
    [{ clipvalue: 1, globalClipnorm: 2 }, "globalClipnorm", "2"],
    [{ clipnorm: 0, clipvalue: 2 }, "clipvalue", "2"],
    [{ clipnorm: 1, clipvalue: 2, globalClipnorm: 3 }, "clipvalue", "2"],
  ])("%o: only one clip can be set", (options, argument, received) => {
    expectComplaint(
      () => new RMSprop(options),
      refuse(RangeError, argument, received, "Only one way to clip can be set"),
    );
  });

  const UNKNOWN: readonly (readonly [string, string])[] = [
    ["learning_rate", "Did you mean learningRate?"],
    ["LearningRate", "Did you mean learningRate?"],
    ["learningrate", "Did you mean learningRate?"],
    ["learnigRate", "Did you mean learningRate?"],
    ["weight_decay", "Did you mean weightDecay?"],
    ["weigthDecay", "Did you mean weightDecay?"],
    ["clipNorm", "Did you mean clipnorm?"],
    ["clip_value", "Did you mean clipvalue?"],
    ["globalClipNorm", "Did you mean globalClipnorm?"],
    ["use_ema", "Did you mean useEma?"],
    ["useEMA", "Did you mean useEma?"],
    ["lr", "Did you mean learningRate?"],
    ["alpha", "Did you mean rho?"],
    ["eps", "Did you mean epsilon?"],
    ["beta_1", "Known are: "],
    ["amsgrad", "Known are: "],
    ["toString", "Known are: "],
    ["constructor", "Known are: "],
    ["hasOwnProperty", "Known are: "],
  ];
  test.each(UNKNOWN)("%s is unknown: %s", (argument, remedy) => {
    expectComplaint(
      () => new RMSprop({ [argument]: 0.5 } as RMSpropOptions),
      refuse(TypeError, argument, "0.5", remedy),
    );
  });

  test("__proto__ as a key of its own is unknown, and changes no prototype", () => {
    const options = JSON.parse('{"__proto__": {"rho": 0.1}}');
    expectComplaint(() => new RMSprop(options), refuse(TypeError, "__proto__", "an object of Object"));
    expect(new RMSprop().hyper.rho).toBe(0.9);
  });

  const NO_OPTIONS: readonly (readonly [string, unknown, string])[] = [
    ["a learning rate, as tf.train.rmsprop takes it", 0.001, "0.001"],
    ["a name", "rmsprop", '"rmsprop"'],
    ["null", null, "null"],
    ["true", true, "true"],
    ["an array", [0.001], "Array(1)"],
    ["a function", () => 0.1, "function (anonymous)"],
    ["a Map", new Map([["rho", 0.5]]), "an object of Map"],
    ["a promise of options", Promise.resolve({ rho: 0.5 }), "an object of Promise"],
    ["a date", new Date(0), "an object of Date"],
  ];
  test.each(NO_OPTIONS)("%s instead of options is refused", (_, options, received) => {
    expectComplaint(() => new RMSprop(options as RMSpropOptions), refuse(TypeError, "options", received));
  });

  test("a schedule instead of options is refused", () => {
    const schedule = new schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 10 });
    expect(complaintOf(errorOf(() => new RMSprop(schedule as RMSpropOptions)).message)).toMatchObject({
      owner: "RMSprop",
    });
  });

  test("an optimizer that decays by default takes no null, as in Keras", () => {
    const owner = "AdamW";
    const nothing = { ...refuse(TypeError, "weightDecay", "null", "Pass 0 for none."), owner };
    expectComplaint(() => new AdamW({ weightDecay: null as never }), nothing);
    expectComplaint(() => AdamW.fromConfig({ weight_decay: null }), nothing);
    expectComplaint(() => new AdamW({ weightDecay: -1 }), { ...nothing, type: RangeError, received: "-1" });
    expect(new AdamW({ weightDecay: 0 }).getConfig().weight_decay).toBe(0);
  });

  test("what Keras takes and means is taken", () => {
    const taken: readonly RMSpropOptions[] = [
      ...[
        { rho: 0 },
        { rho: 1 },
        { epsilon: 0 },
        { momentum: 0 },
        { momentum: 1.5 },
        { emaMomentum: 0 },
        { emaMomentum: 1 },
      ],
      ...[
        { weightDecay: 0 },
        { weightDecay: null },
        { clipnorm: 0 },
        { clipnorm: -1 },
        { clipvalue: 0 },
        { clipvalue: -1 },
      ],
      ...[
        { globalClipnorm: 0 },
        { globalClipnorm: -1 },
        { emaOverwriteFrequency: 0 },
        { gradientAccumulationSteps: 0 },
      ],
      ...[{ learningRate: 0 }, { learningRate: 1 }, { learningRate: -1 }, { name: "" }, {}],
    ];
    for (const options of taken) expect(new RMSprop(options).getConfig()).toBeTruthy();
    const undefinedOptions = { rho: undefined, learningRate: undefined, name: undefined } as unknown as RMSpropOptions;
    expect(new RMSprop(undefinedOptions).getConfig()).toEqual(new RMSprop().getConfig());
  });
});

interface Scene {
  readonly kernel: Variable;
  readonly bias: Variable;
  readonly variables: readonly Variable[];
  readonly optimizer: RMSprop;
}

function sceneOf(): Scene {
  const kernel = new Variable([1, 2, 3, 4], { shape: [2, 2], name: "kernel" });
  const bias = new Variable([1, 2], { name: "bias" });
  const optimizer = new RMSprop({ useEma: true, momentum: 0.9 });
  optimizer.apply([numbersOf(1, 4), numbersOf(2, 2)], [kernel, bias]);
  return { kernel, bias, variables: [kernel, bias], optimizer };
}

const GOOD = [
  [1, 1],
  [1, 1],
];

/** A gradient for bias, after a good one for kernel. */
const GRADIENTS: readonly (readonly [string, () => unknown, Expected])[] = [
  ["undefined", () => undefined, refuse(TypeError, "gradients[1]", "undefined", "null where there is no gradient")],
  ["a string", () => "gradient", refuse(TypeError, "gradients[1]", '"gradient"')],
  ["a number as a string", () => "1", refuse(TypeError, "gradients[1]", '"1"')],
  ["true", () => true, refuse(TypeError, "gradients[1]", "true")],
  ["a bigint", () => 1n, refuse(TypeError, "gradients[1]", "1n")],
  ["an object", () => ({ 0: 1, 1: 2, length: 2 }), refuse(TypeError, "gradients[1]", "an object of Object")],
  ["a promise", () => Promise.resolve([1, 1]), refuse(TypeError, "gradients[1]", "an object of Promise")],
  ["a function", () => () => [1, 1], refuse(TypeError, "gradients[1]", "function (anonymous)")],
  ["an optimizer", () => new RMSprop(), refuse(TypeError, "gradients[1]", "an object of RMSprop")],
  [
    "integers",
    () => Int32Array.of(1, 1),
    refuse(TypeError, "gradients[1]", "Int32Array(2)", /Float32Array\.from|new GpuVariable\(device, numbers\)/),
  ],
  ["bytes", () => Uint8Array.of(1, 1), refuse(TypeError, "gradients[1]", "Uint8Array(2)")],
  ["big integers", () => BigInt64Array.of(1n, 1n), refuse(TypeError, "gradients[1]", "BigInt64Array(2)")],
  ["a buffer", () => new ArrayBuffer(8), refuse(TypeError, "gradients[1]", "an object of ArrayBuffer")],
  ["a view", () => new DataView(new ArrayBuffer(8)), refuse(TypeError, "gradients[1]", "DataView(0)")],
  ["doubles", () => Float64Array.of(1, 1), refuse(TypeError, "gradients[1]", "float64", "Float32Array.from(gradient)")],
  [
    "a Variable of doubles",
    () => new Variable([1, 1], { dtype: "float64" }),
    refuse(TypeError, "gradients[1]", "float64", "be float32 as its variable bias"),
  ],
  ["a string among numbers", () => [1, "1"], refuse(TypeError, "gradients[1][1]", '"1"')],
  ["null among numbers", () => [1, null], refuse(TypeError, "gradients[1][1]", "null")],
  ["undefined among numbers", () => [1, undefined], refuse(TypeError, "gradients[1][1]", "undefined")],
  ["a bigint among numbers", () => [1, 1n], refuse(TypeError, "gradients[1][1]", "1n")],
  ["a row among numbers", () => [1, [1]], refuse(TypeError, "gradients[1][1]", "Array(1)")],
  ["a hole among numbers", () => Object.assign(new Array(2), [1]), refuse(TypeError, "gradients[1][1]", "undefined")],
];

/** The same, where it is the shape that does not fit: the message names both. */
const SHAPES: readonly (readonly [string, () => unknown, string])[] = [
  ["too few numbers", () => [1], "[1]"],
  ["too many numbers", () => [1, 1, 1], "[3]"],
  ["no numbers", () => [], "[0]"],
  ["one number", () => 1, "[]"],
  ["too short an array", () => new Float32Array(1), "[1]"],
  ["too long an array", () => new Float32Array(3), "[3]"],
  ["the gradient of the other variable", () => GOOD, "[2,2]"],
];

/** As many numbers in another shape. A device takes them: its gradients are memory that mostly has no shape. */
const RESHAPED: typeof SHAPES = [
  ["rows", () => [[1, 1]], "[1,2]"],
  ["a Variable of another shape", () => new Variable([[1, 1]]), "[1,2]"],
];

/** A call that is wrong as a whole. */
const CALLS: readonly (readonly [string, (scene: Scene) => unknown, Expected])[] = [
  ["no arguments", ({ optimizer }) => (optimizer.apply as () => void)(), refuse(TypeError, "gradients", "undefined")],
  ["null", ({ optimizer }) => optimizer.apply(untyped(null)), refuse(TypeError, "gradients", "null")],
  ["a number", ({ optimizer }) => optimizer.apply(untyped(1)), refuse(TypeError, "gradients", "1")],
  [
    "a gradient without its brackets",
    ({ optimizer }) => optimizer.apply(untyped(new Float32Array(2))),
    refuse(TypeError, "gradients", "Float32Array(2)", "one gradient for each variable"),
  ],
  [
    "gradients by name, as TensorFlow.js takes them",
    ({ optimizer }) => optimizer.apply(untyped({ kernel: GOOD, bias: [1, 1] })),
    refuse(TypeError, "gradients", "an object of Object"),
  ],
  [
    "too few gradients",
    ({ optimizer }) => optimizer.apply([GOOD]),
    refuse(RangeError, "gradients", "1 items", "have 2 items"),
  ],
  [
    "too many gradients",
    ({ optimizer }) => optimizer.apply([GOOD, [1, 1], [1]]),
    refuse(RangeError, "gradients", "3 items", "have 2 items"),
  ],
  [
    "fewer gradients than variables",
    ({ optimizer, variables }) => optimizer.apply([GOOD], variables),
    refuse(RangeError, "gradients", "1 items", "have 2 items"),
  ],
  [
    "gradients that are all null",
    ({ optimizer }) => optimizer.apply([null, null]),
    refuse(RangeError, "gradients", "null for kernel, bias", "not all be null"),
  ],
  [
    "a variable without its brackets",
    ({ optimizer, bias }) => optimizer.apply([[1, 1]], untyped(bias)),
    refuse(TypeError, "variables", "Variable bias [2]", "Pass [variable], even for one."),
  ],
  [
    "null for variables",
    ({ optimizer }) => optimizer.apply([[1, 1]], untyped(null)),
    refuse(TypeError, "variables", "null"),
  ],
  [
    "variables by name",
    ({ optimizer }) => optimizer.apply([[1, 1]], untyped(["bias"])),
    refuse(TypeError, "variables[0]", '"bias"', "It knows kernel, bias."),
  ],
  [
    "an unknown variable",
    ({ optimizer }) => optimizer.apply([[1, 1]], [new Variable([1, 2], { name: "other" })]),
    refuse(RangeError, "variables[0]", "Variable other [2]", "It knows kernel, bias."),
  ],
  [
    "an unknown array",
    ({ optimizer }) => optimizer.apply([[1, 1]], [new Float32Array(2)]),
    refuse(RangeError, "variables[0]", "Float32Array(2)", "subarray() makes another one each time."),
  ],
  [
    "the memory of a variable instead of the variable",
    ({ optimizer, bias }) => optimizer.apply([[1, 1]], [bias.value]),
    refuse(RangeError, "variables[0]", "Float32Array(2)", "It knows kernel, bias."),
  ],
  [
    "nothing among variables",
    ({ optimizer, kernel }) => optimizer.apply([GOOD, [1, 1]], untyped([kernel, undefined])),
    refuse(TypeError, "variables[1]", "undefined"),
  ],
  [
    "the same variable twice",
    ({ optimizer, bias }) =>
      optimizer.apply(
        [
          [1, 1],
          [1, 1],
        ],
        [bias, bias],
      ),
    refuse(RangeError, "variables[1]", '"bias"', "Add up its gradients and pass it once."),
  ],
  [
    "gradients and variables the wrong way round",
    ({ optimizer, variables }) => optimizer.apply(variables, untyped([GOOD, [1, 1]])),
    refuse(RangeError, "variables[0]", "Array(2)"),
  ],
  ["null for pairs", ({ optimizer }) => optimizer.applyGradients(untyped(null)), refuse(TypeError, "pairs", "null")],
  [
    "nothing for pairs",
    ({ optimizer }) => optimizer.applyGradients(untyped(undefined)),
    refuse(TypeError, "pairs", "undefined"),
  ],
  [
    "gradients by name for pairs, as TensorFlow.js takes them",
    ({ optimizer }) => optimizer.applyGradients(untyped({ bias: [1, 1] })),
    refuse(TypeError, "pairs", "an object of Object", "Pass [[gradient, variable], ...]."),
  ],
  [
    "one pair without its brackets",
    ({ optimizer, bias }) => optimizer.applyGradients(untyped([[1, 1], bias])),
    refuse(TypeError, "pairs", "Array(2)", "Pass [[gradient, variable], ...]."),
  ],
  [
    "objects for pairs",
    ({ optimizer, bias }) => optimizer.applyGradients(untyped([{ name: "bias", tensor: bias }])),
    refuse(TypeError, "pairs", "Array(1)"),
  ],
  [
    "a string for pairs",
    ({ optimizer }) => optimizer.applyGradients(untyped("ab")),
    refuse(TypeError, "pairs", '"ab"'),
  ],
  [
    "no loss function",
    ({ optimizer }) => optimizer.minimize(untyped(undefined)),
    refuse(TypeError, "loss", "undefined"),
  ],
  [
    "a loss instead of a function",
    ({ optimizer }) => optimizer.minimize(untyped(0.5)),
    refuse(TypeError, "loss", "0.5"),
  ],
  [
    "a loss function without a result",
    ({ optimizer }) => optimizer.minimize(untyped(() => undefined)),
    refuse(TypeError, "loss", "undefined"),
  ],
  [
    "a loss function that returns a number",
    ({ optimizer }) => optimizer.minimize(untyped(() => 0.5)),
    refuse(TypeError, "loss", "0.5"),
  ],
  [
    "an async loss function",
    ({ optimizer }) => optimizer.minimize(untyped(async () => ({ value: 1, gradients: [GOOD, [1, 1]] }))),
    refuse(TypeError, "loss", "an object of Promise"),
  ],
  [
    "a loss function that returns a pair",
    ({ optimizer }) => optimizer.minimize(untyped(() => [1, [GOOD, [1, 1]]])),
    refuse(TypeError, "loss", "Array(2)"),
  ],
  [
    "a loss function that returns one gradient without its brackets",
    ({ optimizer, bias }) =>
      optimizer.minimize(
        untyped(() => ({ value: 1, gradients: new Float32Array(2) })),
        [bias],
      ),
    refuse(TypeError, "loss", "an object of Object", /\{ value: (number|anything), gradients: array \}/),
  ],
  [
    "variables for finalize that are none",
    ({ optimizer }) => optimizer.finalizeVariableValues(untyped(undefined)),
    refuse(TypeError, "variables", "undefined"),
  ],
  [
    "a loss as a string to scale",
    ({ optimizer }) => optimizer.scaleLoss(untyped("1")),
    refuse(TypeError, "loss", '"1"'),
  ],
  [
    "no loss to scale",
    ({ optimizer }) => optimizer.scaleLoss(untyped(undefined)),
    refuse(TypeError, "loss", "undefined"),
  ],
  [
    "no store to save into",
    ({ optimizer }) => optimizer.saveOwnVariables(untyped(undefined)),
    refuse(TypeError, "store", "undefined"),
  ],
  [
    "a Map to save into",
    ({ optimizer }) => optimizer.saveOwnVariables(untyped(new Map())),
    refuse(TypeError, "store", "an object of Map"),
  ],
];

/** What users of plain JavaScript pass: of no type that the compiler would let through. */
function untyped<T>(value: unknown): T {
  return value as T;
}

onEveryEngine((engine) => {
  test.each(GRADIENTS)("%s as a gradient is refused", async (_, gradient, expected) => {
    const { optimizer, variables } = sceneOf();
    const before = await readState(optimizer, variables);
    expectComplaint(() => optimizer.apply([GOOD, gradient() as Gradient]), expected);
    expect(await readState(optimizer, variables)).toEqual(before);
  });

  test.each(ON_DEVICE ? SHAPES : [...SHAPES, ...RESHAPED])(
    "%s as a gradient is refused, and the message has both shapes",
    async (_, gradient, shape) => {
      const { optimizer, variables } = sceneOf();
      const before = await readState(optimizer, variables);
      const error = errorOf(() => optimizer.apply([GOOD, gradient() as Gradient]));
      expect(error).toBeInstanceOf(RangeError);
      expect(complaintOf(error.message)).toMatchObject({ owner: "RMSprop", argument: "gradients[1]" });
      expect(error.message).toContain("[2] of bias");
      expect(error.message).toContain(shape);
      expect(await readState(optimizer, variables)).toEqual(before);
    },
  );

  test("rows of different lengths are refused", async () => {
    const { optimizer, variables } = sceneOf();
    const before = await readState(optimizer, variables);
    const expected = refuse(RangeError, "gradients[0]", "Array(1)", "Make all rows equally long.");
    expectComplaint(
      () =>
        optimizer.apply([
          [[1, 1], [1]],
          [1, 1],
        ]),
      expected,
    );
    expect(await readState(optimizer, variables)).toEqual(before);
  });

  test.each(CALLS)("a call with %s is refused", async (_, act, expected) => {
    const scene = sceneOf();
    const before = await readState(scene.optimizer, scene.variables);
    const error = await refusalOf(() => act(scene));
    expectComplaint(() => {
      throw error;
    }, expected);
    expect(await readState(scene.optimizer, scene.variables)).toEqual(before);
  });

  describe("memory that is gone or shared", () => {
    test("a detached gradient is refused, and the message says that its memory is gone", async () => {
      const { optimizer, variables } = sceneOf();
      const before = await readState(optimizer, variables);
      const error = errorOf(() => optimizer.apply([GOOD, detached(new Float32Array(2))]));
      expect(error.message).toMatch(/^RMSprop: .*gradients\[1\].*(detached|transferred)/);
      expect(await readState(optimizer, variables)).toEqual(before);
    });

    test("a detached array is refused as a variable, and the message says so", () => {
      const optimizer = new RMSprop();
      for (const act of [
        (v: Float32Array) => optimizer.build([v]),
        (v: Float32Array) => optimizer.apply([[1, 1]], [v]),
      ]) {
        expect(errorOf(() => act(detached(new Float32Array(2)))).message).toMatch(
          /^RMSprop: .*variable.*(detached|transferred)/,
        );
        expect(optimizer.built).toBe(false);
      }
    });

    test("an array that was detached after build is refused, and the other variables do not move", () => {
      const [a, b] = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
      const optimizer = new RMSprop();
      optimizer.apply(
        [
          [1, 1],
          [1, 1],
        ],
        [a, b],
      );
      const before = [...a];
      detached(b);
      for (const gradients of [
        [
          [1, 1],
          [1, 1],
        ],
        [[1, 1], []],
      ]) {
        const error = errorOf(() => optimizer.apply(gradients));
        expect(error).toBeInstanceOf(StateError);
        expect(error.message).toMatch(/variable_1.*transferred.*Make a new optimizer/s);
      }
      expect([[...a], optimizer.iterations]).toEqual([before, 1]);
    });

    test("an array whose buffer was resized is refused", () => {
      // ResizableArrayBuffer is newer than the types of this project's JavaScript.
      const Resizable = ArrayBuffer as unknown as new (
        length: number,
        options: object,
      ) => ArrayBuffer & { resize(to: number): void };
      const buffer = new Resizable(8, { maxByteLength: 16 });
      if (typeof buffer.resize !== "function") return;
      const v = new Float32Array(buffer);
      const optimizer = new RMSprop();
      optimizer.apply([[1, 1]], [v]);
      buffer.resize(16);
      expect(errorOf(() => optimizer.apply([[1, 1]])).message).toMatch(/variable.*resized.*Make a new optimizer/s);
      expect(optimizer.iterations).toBe(1);
    });

    const SHARED: readonly (readonly [string, () => readonly VariableLike[]])[] = [
      ["the same Variable twice", () => twice(new Variable([1, 2]))],
      ["the same array twice", () => twice(new Float32Array(2))],
      ["the same empty array twice", () => twice(new Float32Array(0))],
      ["two views of the same elements", () => views([0, 2], [0, 2])],
      ["views that overlap by one element", () => views([0, 6], [5, 8])],
      ["a view within another", () => views([0, 8], [2, 4])],
      ["the first and the last of three", () => views([0, 6], [6, 8], [5, 6])],
      [
        "views of different types",
        () => {
          const buffer = new ArrayBuffer(64);
          return [new Float32Array(buffer, 0, 4), new Float64Array(buffer, 8, 2)];
        },
      ],
    ];
    test.each(SHARED)("%s cannot be trained", (_, variablesOf) => {
      const variables = variablesOf();
      const optimizer = new RMSprop();
      const error = errorOf(() => optimizer.build(variables));
      expect(error).toBeInstanceOf(RangeError);
      expect(complaintOf(error.message)).toMatchObject({
        owner: "RMSprop",
        argument: expect.stringMatching(/^variables/),
      });
      expect(optimizer.built).toBe(false);
      expect(
        errorOf(() =>
          optimizer.apply(
            variables.map(() => [1]),
            variables,
          ),
        ).message,
      ).toBe(error.message);
      expect([optimizer.built, optimizer.iterations]).toEqual([false, 0]);
    });

    test("a Variable and its memory cannot be trained", () => {
      const v = new Variable([1, 2]);
      const optimizer = new RMSprop();
      const error = errorOf(() => optimizer.build([v, v.value]));
      expect(complaintOf(error.message)).toMatchObject({
        owner: "RMSprop",
        argument: expect.stringMatching(/^variables/),
      });
      expect(optimizer.built).toBe(false);
    });

    test("views that only touch can be trained", () => {
      const variables = views([0, 4], [4, 8]);
      const optimizer = new RMSprop();
      optimizer.apply(
        [
          [1, 1, 1, 1],
          [1, 1, 1, 1],
        ],
        variables,
      );
      expect(optimizer.iterations).toBe(1);
    });
  });

  const NO_VARIABLES: readonly (readonly [string, unknown, string, string])[] = [
    ["nothing", undefined, "variables", "undefined"],
    ["null", null, "variables", "null"],
    ["a Variable", new Variable(1, { name: "v" }), "variables", "Variable v []"],
    ["an array of numbers", [1, 2], "variables[0]", "1"],
    ["nested numbers", [[1, 2]], "variables[0]", "Array(2)"],
    ["integers", [new Int32Array(2)], "variables[0]", "Int32Array(2)"],
    ["a hole", Object.assign(new Array(2), { 1: new Variable(1) }), "variables[0]", "undefined"],
    ["names", ["kernel"], "variables[0]", '"kernel"'],
  ];
  test.each(NO_VARIABLES)("build for %s is refused", (_, variables, argument, received) => {
    const optimizer = new RMSprop();
    expectComplaint(() => optimizer.build(untyped(variables)), refuse(TypeError, argument, received));
    expect(optimizer.built).toBe(false);
    if (!variables) return; // Without variables, apply says that the optimizer is not built.
    expectComplaint(() => optimizer.apply([1], untyped(variables)), refuse(TypeError, argument, received));
    expect([optimizer.built, optimizer.iterations]).toEqual([false, 0]);
  });

  test("gradients without variables, before build, say what to do", () => {
    const error = errorOf(() => new RMSprop().apply([[1, 1]]));
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toMatch(/^RMSprop: apply\(\) needs .+ not built\. Call build\(variables\) first, or /);
  });

  class Broken extends LearningRateSchedule {
    readonly #gives: () => unknown;

    constructor(gives: () => unknown) {
      super();
      this.#gives = gives;
    }

    override call(): number {
      return this.#gives() as number;
    }
  }

  const RATES: readonly (readonly [string, () => unknown, ErrorClass, string])[] = [
    ["NaN", () => Number.NaN, RangeError, "NaN"],
    ["infinity", () => Infinity, RangeError, "Infinity"],
    ["a string", () => "0.1", TypeError, '"0.1"'],
    ["nothing", () => undefined, TypeError, "undefined"],
    ["null", () => null, TypeError, "null"],
    ["an array", () => [0.1], TypeError, "Array(1)"],
    ["a bigint", () => 1n, TypeError, "1n"],
    ["a promise", async () => 0.1, TypeError, "an object of Promise"],
  ];
  test.each(RATES)(
    "a learning rate that gives %s is refused, whether function or schedule",
    async (_, gives, type, received) => {
      for (const [source, learningRate] of [
        ["function", gives as () => number],
        ["schedule", new Broken(gives)],
      ] as const) {
        const v = new Variable([1, 2]);
        const optimizer = new RMSprop({ learningRate });
        const expected = refuse(type, "learningRate", received, `the ${source} gave another value at step 0`);
        expectComplaint(() => optimizer.apply([[1, 1]], [v]), expected);
        expectComplaint(() => optimizer.learningRate, expected);
        expect([(await hostOf(v)).toArray(), optimizer.iterations]).toEqual([[1, 2], 0]);
      }
    },
  );

  test("what a learning rate throws comes through as it is", () => {
    const mistake = new Error("mine");
    const learningRate = (): never => {
      throw mistake;
    };
    expect(errorOf(() => new RMSprop({ learningRate }).apply([1], [new Variable(1)]))).toBe(mistake);
  });

  test("CosineDecayRestarts past the end of its periods, where Keras gives NaN, is refused by step", () => {
    const decay = { initialLearningRate: 0.1, firstDecaySteps: 2, tMul: 0.5 };
    const v = new Variable(1);
    const optimizer = new RMSprop({ learningRate: new schedules.CosineDecayRestarts(decay) });
    const error = errorOf(() => {
      for (let call = 0; call < 10; call++) optimizer.apply([1], [v]);
    });
    expect(complaintOf(error.message)).toMatchObject({ argument: "learningRate", received: "NaN" });
    expect(error.message).toContain(`at step ${optimizer.iterations}`);
  });

  const CONSTRAINED: readonly (readonly [string, () => unknown])[] = [
    ["nothing", () => undefined],
    ["a string", () => "2"],
    ["too few numbers", () => [1]],
    ["strings", () => ["1", "2"]],
    ["a promise", async () => [1, 2]],
  ];
  test.each(CONSTRAINED)("a constraint that returns %s is refused", async (_, constraint) => {
    const v = new Variable([1, 2], { constraint: untyped(constraint), name: "v" });
    const optimizer = new RMSprop();
    const error = errorOf(() => optimizer.apply([[1, 1]], [v]));
    expect(complaintOf(error.message)).toMatchObject({ received: expect.any(String) });
    expect([(await hostOf(v)).toArray(), optimizer.iterations]).toEqual([[1, 2], 0]);
  });

  test.each([undefined, null, "", "gpu", "WASM", 1])("setEngine(%o) is refused, and the engine stays", (name) => {
    expectComplaint(() => setEngine(untyped(name)), {
      ...{ type: RangeError, owner: "setEngine", argument: "name", says: 'Pass "auto"' },
      received: typeof name === "string" ? JSON.stringify(name) : `${name}`,
    });
    expect(new RMSprop().engine).toBe(engine);
  });
});

const decay = { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 };

describe("schedules and constraints", () => {
  const DECAYS: readonly (readonly [unknown, Expected])[] = [
    [undefined, refuse(TypeError, "options", "undefined")],
    [null, refuse(TypeError, "options", "null")],
    [0.1, refuse(TypeError, "options", "0.1")],
    [[0.1, 10, 0.9], refuse(TypeError, "options", "Array(3)")],
    [{}, refuse(TypeError, "initialLearningRate", "undefined", "It has no default: pass it.")],
    [{ ...decay, initialLearningRate: Number.NaN }, refuse(RangeError, "initialLearningRate", "NaN")],
    [{ ...decay, initialLearningRate: "0.1" }, refuse(TypeError, "initialLearningRate", '"0.1"')],
    [{ ...decay, decaySteps: 0 }, refuse(RangeError, "decaySteps", "0")],
    [{ ...decay, decaySteps: -1 }, refuse(RangeError, "decaySteps", "-1")],
    [{ ...decay, decayRate: -0.5 }, refuse(RangeError, "decayRate", "-0.5")],
    [{ ...decay, staircase: 1 }, refuse(TypeError, "staircase", "1")],
    [{ ...decay, name: "a/b" }, refuse(RangeError, "name", '"a/b"')],
    [{ ...decay, decay_rate: 0.5 }, refuse(TypeError, "decay_rate", "0.5", "Did you mean decayRate?")],
  ];
  test.each(DECAYS)("ExponentialDecay refuses %o", (options, expected) => {
    const make = () => new schedules.ExponentialDecay(untyped(options));
    expectComplaint(make, { ...expected, owner: "ExponentialDecay" });
  });

  const PIECES: readonly (readonly [unknown, Expected])[] = [
    [{ boundaries: "1", values: [1, 2] }, refuse(TypeError, "boundaries", '"1"')],
    [{ boundaries: 1, values: [1, 2] }, refuse(TypeError, "boundaries", "1")],
    [{ boundaries: [1, "2"], values: [1, 2, 3] }, refuse(TypeError, "boundaries[1]", '"2"')],
    [{ boundaries: [2, 1], values: [1, 2, 3] }, refuse(RangeError, "boundaries[1]", "1")],
    [{ boundaries: [], values: [1] }, refuse(RangeError, "boundaries", "Array(0)")],
    [{ boundaries: [1, 2], values: [1, 2] }, refuse(RangeError, "values", "Array(2)", "one more than boundaries")],
    [{ boundaries: [1], values: [1, Number.NaN] }, refuse(RangeError, "values[1]", "NaN")],
    [{ boundaries: [1] }, refuse(TypeError, "values", "undefined")],
  ];
  test.each(PIECES)("PiecewiseConstantDecay refuses %o", (options, expected) => {
    const make = () => new schedules.PiecewiseConstantDecay(untyped(options));
    expectComplaint(make, { ...expected, owner: "PiecewiseConstantDecay" });
  });

  test("a list that is a number or a string is told to be a list", () => {
    const make = () => new schedules.PiecewiseConstantDecay({ boundaries: untyped("1"), values: [1, 2] });
    const { remedy } = Object(complaintOf(errorOf(make).message));
    expect(remedy).not.toContain("Number()");
  });

  test.each<readonly [string, () => unknown, Expected]>([
    ["MaxNorm", () => new constraints.MaxNorm(untyped(2)), refuse(TypeError, "options", "2")],
    ["MaxNorm", () => new constraints.MaxNorm({ maxValue: -1 }), refuse(RangeError, "maxValue", "-1")],
    [
      "MaxNorm",
      () => new constraints.MaxNorm(untyped({ max_value: 1 })),
      refuse(TypeError, "max_value", "1", "Did you mean maxValue?"),
    ],
    ["MinMaxNorm", () => new constraints.MinMaxNorm({ minValue: 2, maxValue: 1 }), refuse(RangeError, "maxValue", "1")],
    ["MinMaxNorm", () => new constraints.MinMaxNorm({ rate: 2 }), refuse(RangeError, "rate", "2")],
    ["UnitNorm", () => new constraints.UnitNorm({ axis: 0.5 }), refuse(RangeError, "axis", "0.5")],
    ["UnitNorm", () => new constraints.UnitNorm({ axis: untyped("0") }), refuse(TypeError, "axis", '"0"')],
    [
      "UnitNorm",
      () => new Variable([1], { constraint: new constraints.UnitNorm({ axis: 1 }) }),
      refuse(RangeError, "axis", "1"),
    ],
  ])("%s refuses what it cannot do: %#", (owner, act, expected) => {
    expectComplaint(act, { ...expected, owner });
  });
});

function twice<T>(value: T): readonly T[] {
  return [value, value];
}

/** Parts of one buffer of 8 elements. */
function views(...ranges: readonly (readonly [number, number])[]): Float32Array[] {
  const whole = new Float32Array(8);
  return ranges.map(([start, end]) => whole.subarray(start, end));
}
