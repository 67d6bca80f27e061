// Both engines give the same bits, whatever is asked of them and in whatever form it is passed.

import {
  constraints,
  type EngineName,
  type FloatArray,
  type Gradient,
  RMSprop,
  type RMSpropOptions,
  schedules,
  setEngine,
  Variable,
  type VariableLike,
} from "rmsprop";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRandom } from "../../examples/shared/random.js";
import fc from "../property.js";
import { bitsOf, ENGINES, errorOf, numbersOf, onEveryEngine, runsOf, stateOf, valuesOf } from "./support.js";

// Variables without a gradient are warned of; what is printed is the subject of warnings.test.ts.
beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the choice of an engine", () => {
  test.each(ENGINES)("%s computes for optimizers that are made after setEngine", (engine) => {
    expect(setEngine(engine)).toBe(engine);
    expect(new RMSprop().engine).toBe(engine);
  });

  test("auto takes WebAssembly where it runs", () => {
    expect(setEngine("auto")).toBe("wasm");
    expect(new RMSprop().engine).toBe("wasm");
  });

  test("an optimizer keeps the engine it was made with", () => {
    setEngine("js");
    const optimizer = new RMSprop();
    setEngine("wasm");
    expect(optimizer.engine).toBe("js");
  });

  test("an unknown engine is refused, and the one in use stays", () => {
    setEngine("js");
    expect(errorOf(() => setEngine("gpu" as EngineName))).toEqual(
      new RangeError(
        'setEngine: name must be "auto", "wasm" or "js"; received name="gpu". Pass "auto" for the fastest.',
      ),
    );
    expect(new RMSprop().engine).toBe("js");
  });
});

onEveryEngine((engine) => {
  test("the example of Keras' page prints 9.683772", () => {
    const v = new Variable(10);
    const optimizer = new RMSprop({ learningRate: 0.1 });
    const loss = optimizer.minimize(() => ({ value: v.item() ** 2 / 2, gradients: [v.item()] }), [v]);
    expect([loss, `${v}`, optimizer.engine]).toEqual([50, "9.683772", engine]);
  });
});

const SIZES = [0, 1, 3, 4, 5, 7, 127, 129, 1003, 4099] as const;

/** How large numbers of a case are: each regime meets other roundings. */
const REGIMES: Readonly<Record<string, (random: () => number) => number>> = {
  normal: (random) => 4 * random() - 2,
  small: (random) => (random() - 0.5) * 2 ** (-20 - 100 * random()),
  subnormal: (random) => (random() - 0.5) * 2 ** -126,
  huge: (random) => (random() - 0.5) * 2 ** (20 + 100 * random()),
  special: (random) => [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 1e-45, 3e38][Math.floor(9 * random())] ?? 0,
};

interface VariableCase {
  readonly size: number;
  readonly regime: string;
  readonly seed: number;
  readonly constraint: "none" | "NonNeg" | "MaxNorm" | "own";
  readonly overwriteWithGradient: boolean;
  readonly excluded: boolean;
}

interface StepCase {
  readonly regime: string;
  readonly seed: number;
  /** For each variable: whether it takes part, has a gradient, and in which form. */
  readonly parts: readonly { readonly used: boolean; readonly form: "typed" | "numbers" | "Variable" | "null" }[];
  readonly reversed: boolean;
}

interface Case {
  readonly dtype: "float32" | "float64";
  readonly plain: boolean;
  readonly options: RMSpropOptions;
  readonly variables: readonly VariableCase[];
  readonly steps: readonly StepCase[];
}

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const regime = fc.constantFrom(...Object.keys(REGIMES), "normal", "normal", "normal");
const rate = fc.constantFrom(0, 1e-7, 0.001, 0.1, 1, 3.7);

const clip = fc.oneof(
  fc.constant({}),
  rate.map((clipnorm) => ({ clipnorm })),
  rate.map((clipvalue) => ({ clipvalue })),
  rate.map((globalClipnorm) => ({ globalClipnorm })),
);

const learningRate = fc.oneof(
  rate,
  rate.map((value) => () => value),
  rate.map((initialLearningRate) => {
    const decay = { decaySteps: 3, decayRate: 0.9 };
    return new schedules.ExponentialDecay({ initialLearningRate, ...decay });
  }),
);

const options: fc.Arbitrary<RMSpropOptions> = fc
  .tuple(
    fc.record({
      learningRate,
      rho: fc.constantFrom(0.9, 0, 1, 0.5),
      momentum: fc.constantFrom(0, 0.9, 1.5),
      epsilon: fc.constantFrom(1e-7, 0, 1e-3),
      centered: fc.boolean(),
      weightDecay: maybe(fc.constantFrom(0, 0.004, 0.5)),
      useEma: fc.boolean(),
      emaMomentum: fc.constantFrom(0.99, 0, 1, 0.5),
      emaOverwriteFrequency: maybe(fc.constantFrom(0, 1, 2, 3)),
      lossScaleFactor: maybe(fc.constantFrom(1024, 3)),
      gradientAccumulationSteps: maybe(fc.constantFrom(0, 2, 3)),
    }),
    clip,
  )
  .map(([base, clipping]) => ({ ...base, ...clipping }));

const variable: fc.Arbitrary<VariableCase> = fc.record({
  size: fc.constantFrom(...SIZES),
  regime,
  seed: fc.nat(),
  constraint: fc.constantFrom("none", "none", "none", "NonNeg", "MaxNorm", "own"),
  overwriteWithGradient: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  excluded: fc.boolean(),
});

const part = fc.record({
  used: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  form: fc.constantFrom("typed", "typed", "numbers", "Variable", "null"),
});

const cases: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 4 }).chain((count) =>
  fc.record({
    dtype: fc.constantFrom("float32", "float64"),
    plain: fc.boolean(),
    options,
    variables: fc.array(variable, { minLength: count, maxLength: count }),
    steps: fc.array(
      fc.record({
        regime,
        seed: fc.nat(),
        parts: fc.array(part, { minLength: count, maxLength: count }),
        reversed: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
);

/** Where variables come from, in which form gradients are passed: nothing of it may matter. */
interface Manner {
  readonly engine: EngineName;
  /** The engine of the variables, if another. */
  readonly home?: EngineName;
  /** Plain arrays instead of Variables and the other way round, typed arrays instead of numbers. */
  readonly otherForms?: boolean;
}

const MANNERS: readonly (readonly [string, Manner])[] = [
  ["WebAssembly", { engine: "wasm" }],
  ["WebAssembly with other forms of input", { engine: "wasm", otherForms: true }],
  ["WebAssembly with the variables of the other engine", { engine: "wasm", home: "js" }],
  ["JavaScript with the variables of the other engine", { engine: "js", home: "wasm" }],
];

/** The states after each step, or the error that ended the run. */
function run(testCase: Case, { engine, home = engine, otherForms = false }: Manner): string[] {
  const made: { dispose(): void }[] = [];
  // What an array cannot have needs Variables.
  const needsVariables = testCase.variables.some((spec) => spec.constraint !== "none" || spec.overwriteWithGradient);
  const plain = !needsVariables && testCase.plain !== otherForms;
  setEngine(home);
  const variables = testCase.variables.map((spec, i) => createVariable(testCase, spec, i, plain, made));
  setEngine(engine);
  const optimizer = new RMSprop(testCase.options);
  made.push(optimizer);
  expect(optimizer.engine).toBe(engine);
  optimizer.excludeFromWeightDecay({ variables: variables.filter((_, i) => testCase.variables[i]?.excluded) });
  optimizer.build(variables);
  try {
    return testCase.steps.map((step) => {
      const used = variables.flatMap((target, i) => (step.parts[i]?.used ? [{ target, i }] : []));
      if (step.reversed) used.reverse();
      const gradients = used.map(({ i }) => gradientOf(testCase, step, i, otherForms, made));
      if (gradients.every((gradient) => gradient === null)) return "left out";
      optimizer.apply(
        gradients,
        used.map(({ target }) => target),
      );
      return JSON.stringify(withoutNames(stateOf(optimizer, variables)));
    });
  } finally {
    for (const each of made) each.dispose();
  }
}

/** Plain arrays have no names of their own, and states are the same without them. */
function withoutNames(state: Readonly<Record<string, string>>): string[] {
  return Object.values(state);
}

function fill(size: number, dtype: Case["dtype"], regimeName: string, seed: number): FloatArray {
  const random = createRandom(seed);
  const draw = REGIMES[regimeName] ?? random;
  const values = dtype === "float32" ? new Float32Array(size) : new Float64Array(size);
  return values.map(() => draw(random));
}

function createVariable(
  { dtype }: Case,
  spec: VariableCase,
  index: number,
  plain: boolean,
  made: { dispose(): void }[],
): VariableLike {
  const value = fill(spec.size, dtype, spec.regime, spec.seed);
  if (plain) return value;
  const { overwriteWithGradient } = spec;
  const created = new Variable(value, {
    name: `v${index}`,
    constraint: CONSTRAINTS[spec.constraint],
    overwriteWithGradient,
  });
  made.push(created);
  return created;
}

const CONSTRAINTS = {
  none: null,
  NonNeg: new constraints.NonNeg(),
  MaxNorm: new constraints.MaxNorm({ maxValue: 1 }),
  own: (value: FloatArray) => value.map((weight) => weight / 2),
} as const;

function gradientOf(
  { dtype, variables }: Case,
  step: StepCase,
  index: number,
  otherForms: boolean,
  made: { dispose(): void }[],
): Gradient {
  const form = step.parts[index]?.form;
  if (form === "null") return null;
  const gradient = fill(variables[index]?.size ?? 0, dtype, step.regime, step.seed + index);
  if ((form === "typed") !== otherForms) return gradient;
  if (form === "Variable" && !otherForms) {
    const created = new Variable(gradient);
    made.push(created);
    return created;
  }
  return gradient.length === 1 ? (gradient[0] ?? 0) : Array.from(gradient);
}

test("any options, sizes, types, subsets and forms of input give the same bits on every engine", () => {
  fc.assert(
    fc.property(cases, (testCase) => {
      const reference = run(testCase, { engine: "js" });
      for (const [manner, options] of MANNERS) expect(run(testCase, options), manner).toEqual(reference);
    }),
    { numRuns: runsOf(60) },
  );
});

test.each(SIZES)("a step of %i elements gives the same bits on every engine with everything on", (size) => {
  const everything: RMSpropOptions = {
    ...{ learningRate: 0.01, momentum: 0.9, centered: true, weightDecay: 0.01, globalClipnorm: 1 },
    ...{ useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 2, lossScaleFactor: 8 },
  };
  const [reference, ...others] = ENGINES.map((engine) => {
    setEngine(engine);
    const variables = [new Variable(numbersOf(1, size)), new Variable(numbersOf(2, 5))];
    const optimizer = new RMSprop(everything);
    for (let call = 0; call < 6; call++)
      optimizer.apply([numbersOf(3 + call, size), numbersOf(9 + call, 5)], variables);
    return [...optimizer.variables.map(({ value }) => bitsOf(value)), ...variables.map((v) => bitsOf(valuesOf(v)))];
  });
  for (const other of others) expect(other).toEqual(reference);
});
