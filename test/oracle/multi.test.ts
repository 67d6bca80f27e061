// The bits of real Keras' MultiOptimizer, whose parts are of every class: made by multi.py. `npm test` runs a fifth of the runs,
// each engine others; `npm run test:package` runs all.
import {
  deserialize,
  type FloatArray,
  LossScaleOptimizer,
  MultiOptimizer,
  type Optimizer,
  OptimizerMap,
  type OptimizerVariable,
  setEngine,
  Variable,
} from "rmsprop";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { choice } from "../seed.js";
import { canonical, type DType, decode, digest, fill, streamOf } from "./bits.js";
import { byId, CLASS_NAMES, loadFixtures, sizeOf } from "./case.js";
import { ENGINES } from "./run-case.js";

interface MultiCase {
  readonly id: string;
  readonly seed: number;
  readonly dtype: DType;
  readonly parts: readonly {
    readonly kind: keyof typeof CLASS_NAMES;
    readonly config: Readonly<Record<string, unknown>>;
  }[];
  readonly variables: readonly {
    readonly name: string;
    readonly part: number;
    readonly shape: readonly number[];
    readonly value: string;
    readonly gradient: string;
  }[];
  /** The part of each key, beside the default; without it a function says which part a variable has. */
  readonly keys?: readonly (readonly [key: string, part: number])[];
  readonly default: number;
  /** Keras' JSON of the whole, where it tells all. */
  readonly serialized: object | null;
  readonly loss_scale_factor?: number;
  readonly scale?: { readonly initial_scale: number; readonly dynamic_growth_steps: number; readonly name: string };
  readonly steps: readonly {
    readonly none?: readonly number[];
    readonly rates?: Readonly<Record<string, number>>;
    readonly regimes?: Readonly<Record<string, string>>;
    readonly finalize?: boolean;
  }[];
  readonly hashes: readonly string[];
  readonly end: {
    readonly variables: readonly string[];
    readonly optimizer: readonly string[];
    readonly paths: readonly string[];
    readonly iterations: readonly number[];
  };
}

const cases = loadFixtures<MultiCase>("multi");

// Missing gradients and keys without a variable are part of many cases; that they are warned of is tested elsewhere.
beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
});

describe.each(ENGINES)("on engine %s", (engine) => {
  test.each(byId(choice(cases, 5, ENGINES.indexOf(engine))))("the run %s has every bit of Keras", (_, multiCase) => {
    setEngine(engine);
    const { end, hashes, dtype } = multiCase;
    const run = runCase(multiCase);
    // Keras counts the wrapper to the paths of slots.
    expect(run.paths).toEqual(end.paths.map((path) => path.replace(/^scaled\/(?=part_)/, "")));
    expect(run.iterations).toEqual(end.iterations);
    const first = hashes.findIndex((hash, i) => hash !== run.hashes[i]);
    const texts = [...end.variables, ...end.optimizer];
    const differing = run.arrays.flatMap(({ name, value }, i) => {
      const { hash, values } = decode(texts[i] ?? "", i < end.variables.length ? dtype : typeOf(texts[i], value));
      const isSame = hash === null ? digest([values]) === digest([value]) : hash === digest([value]);
      return isSame ? [] : [name];
    });
    expect({ first, differing }).toEqual({ first: -1, differing: [] });
  });
});

/** Counters are float64 in the fixtures; what we have is made so, too. */
const typeOf = (_: string | undefined, value: FloatArray): DType =>
  value instanceof Float64Array ? "float64" : "float32";

function runCase({ variables: specs, steps, seed, dtype, ...multiCase }: MultiCase) {
  const variables = specs.map(({ name, shape, value }, i) => {
    return new Variable(fill(sizeOf(shape), dtype, value, streamOf(seed, 0, i)), { name, shape, dtype });
  });
  const multi = optimizerOf(multiCase as MultiCase, variables, specs);
  const { scale } = multiCase;
  const optimizer = scale
    ? new LossScaleOptimizer(multi, {
        ...{ initialScale: scale.initial_scale, dynamicGrowthSteps: scale.dynamic_growth_steps, name: scale.name },
      })
    : multi;
  const own = (): OptimizerVariable[] => optimizer.variables;
  const hashes = steps.map(({ none = [], rates = {}, regimes = {}, finalize }, call) => {
    for (const [part, rate] of Object.entries(rates)) partNamed(multi, `part_${part}`).learningRate = rate;
    const gradients = specs.map(({ shape, gradient }, i) => {
      return none.includes(i) ? null : fill(sizeOf(shape), dtype, regimes[i] ?? gradient, streamOf(seed, call + 1, i));
    });
    optimizer.apply(gradients, variables);
    if (finalize) optimizer.finalizeVariableValues(variables);
    return digest([...variables.map(({ value }) => canonical(value)), ...own().map(({ value }) => floats(value))]);
  });
  const arrays = [
    ...variables.map(({ name, value }) => ({ name, value: canonical(value) })),
    ...own().map(({ path, value }) => ({ name: path, value: floats(value) })),
  ];
  const paths = own().map(({ path }) => path);
  return { hashes, arrays, paths, iterations: [multi, ...multi.optimizers].map(({ iterations }) => iterations) };
}

function optimizerOf(
  { serialized, parts, keys, default: first, loss_scale_factor = undefined }: MultiCase,
  variables: readonly Variable[],
  specs: MultiCase["variables"],
): MultiOptimizer {
  if (serialized !== null) return deserialize(serialized) as MultiOptimizer; // its class is in it
  const made = parts.map(({ kind, config }) => deserialize({ class_name: CLASS_NAMES[kind], config }) as Optimizer);
  const at = (index: number): Optimizer => made[index] as Optimizer; // there are as many
  const options = { lossScaleFactor: loss_scale_factor, name: "multi" };
  if (keys !== undefined) {
    const optimizers = keys.map(([key, part]) => [key, at(part)] as const);
    return new MultiOptimizer(new OptimizerMap(at(first), optimizers), options);
  }
  const places = new Map<object, number>(variables.map((variable, i) => [variable, specs[i]?.part ?? 0]));
  const multi = new MultiOptimizer((variable) => at(places.get(variable) ?? 0), options);
  known.set(multi, made);
  return multi;
}

/** Of parts that come by a function: some of them before a variable has asked for them. */
const known = new WeakMap<object, readonly Optimizer[]>();

function partNamed(multi: MultiOptimizer, wanted: string): Optimizer | { learningRate: number } {
  const found = [...(known.get(multi) ?? multi.optimizers)].find(({ name }) => name === wanted);
  return found ?? { learningRate: 0 }; // no key leads to it
}

const floats = (value: OptimizerVariable["value"]): FloatArray =>
  canonical(value instanceof Int32Array ? Float64Array.from(value) : value);
