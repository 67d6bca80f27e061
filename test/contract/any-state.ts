// Optimizers in any state that numbers allow: counters and scales at their ends, weights and slots with NaN and infinity.
// No test framework: what must be true of them is said where they are used.
import {
  type AnyOptimizer,
  LossScaleOptimizer,
  type OptimizerVariable,
  RMSprop,
  type RMSpropOptions,
  schedules,
  Variable,
} from "rmsprop";
import type { Random } from "../../examples/shared/random.js";

const COUNTS = [
  ...[0, 1, 2, 5, 2 ** 24 - 1, 2 ** 24 + 1, 2 ** 31 - 3, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1],
  ...[2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 2, 2 ** 53 - 1],
];
const LEAST = 2 ** -149;
const GREATEST = (2 - 2 ** -23) * 2 ** 127;
const SCALES = [0, LEAST, 3 * LEAST, 2 ** -126, 1e-30, 1, 3, 2 ** 15, 2 ** 126, 2 ** 127, GREATEST, Infinity, NaN];
const RATES = [0, LEAST, 1e-6, 0.001, 0.3, -0.1, 1e30, GREATEST];
const ELEMENTS = [0, -0, LEAST, -LEAST, 2 ** -126, 0.1, -3, 1e30, GREATEST, -GREATEST, Infinity, -Infinity, NaN];

const SCHEDULES: readonly (() => schedules.LearningRateSchedule)[] = [
  () => new schedules.ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 1e9, decayRate: 0.9 }),
  () => new schedules.InverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 7, decayRate: 0.5, staircase: true }),
  () => new schedules.PolynomialDecay({ initialLearningRate: 0.1, decaySteps: 1000, cycle: true }),
  () => new schedules.PiecewiseConstantDecay({ boundaries: [2, 2 ** 24, 2 ** 31, 2 ** 53], values: [5, 4, 3, 2, 1] }),
  () => new schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 2 ** 31, warmupSteps: 3, warmupTarget: 1 }),
  () => new schedules.CosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 100, tMul: 1.5, mMul: 0.9 }),
];

/** An optimizer and what it trains. */
export interface Subject<O = AnyOptimizer, V = Variable> {
  readonly optimizer: O;
  readonly variables: readonly V[];
}

interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64";
}

/** What a state is of: how its optimizer is made, and over which variables. */
export interface Kind {
  readonly options: RMSpropOptions;
  /** The optimizer is inside a LossScaleOptimizer of these options. */
  readonly scaling: { readonly initialScale: number; readonly dynamicGrowthSteps: number } | null;
  readonly specs: readonly Spec[];
}

/** Which kinds of optimizer a face has. */
export interface Limits {
  readonly float64?: boolean;
  readonly scaling?: boolean;
  readonly norms?: boolean;
  readonly schedules?: boolean;
}

function pick<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

export function drawKind(random: Random, limits: Limits = {}): Kind {
  const { float64 = true, scaling = true, norms = true, schedules: scheduled = true } = limits;
  const chance = (share: number) => random() < share;
  const clip = pick(
    random,
    norms ? [{}, {}, { clipnorm: 0.5 }, { clipvalue: 1 }, { globalClipnorm: 2 }] : [{}, { clipvalue: 1 }],
  );
  const isScaled = scaling && chance(0.5);
  const oneType = pick(random, ["float32", "float64"] as const);
  const typeOf = () => (float64 && chance(0.3) ? ("globalClipnorm" in clip ? oneType : "float64") : "float32");
  const [kernel, bias] = [typeOf(), typeOf()];
  const isMixed = "globalClipnorm" in clip && kernel !== bias;
  return {
    options: {
      ...clip,
      learningRate: scheduled && chance(0.4) ? pick(random, SCHEDULES)() : pick(random, RATES),
      momentum: pick(random, [0, 0.9]),
      centered: chance(0.4),
      weightDecay: pick(random, [null, 0.01]),
      useEma: chance(0.4),
      emaOverwriteFrequency: pick(random, [null, 2, 3]),
      gradientAccumulationSteps: pick(random, [null, null, 2, 3]),
      lossScaleFactor: isScaled ? null : pick(random, [null, 8]),
    },
    scaling: isScaled
      ? { initialScale: 2 ** 15, dynamicGrowthSteps: pick(random, [1, 2, 3, 2 ** 31, 2 ** 53 - 1]) }
      : null,
    specs: [
      { name: "kernel", shape: [2, 3], dtype: kernel },
      { name: "bias", shape: [pick(random, [1, 9])], dtype: isMixed ? kernel : bias },
    ],
  };
}

/** The elements of one of an optimizer's own variables, or of a variable. */
export function drawValues(random: Random, size: number, name = "", growthSteps = 2): number[] {
  if (name === "iteration") return [pick(random, COUNTS)];
  if (name === "step_counter")
    return [
      pick(
        random,
        [...COUNTS, growthSteps - 1, growthSteps - 2].filter((n) => n >= 0),
      ),
    ];
  if (name === "dynamic_scale") return [pick(random, SCALES)];
  if (name === "learning_rate") return [pick(random, RATES)];
  const isTame = random() < 0.5;
  return Array.from({ length: size }, () => (isTame || random() < 0.6 ? random() * 2 - 1 : pick(random, ELEMENTS)));
}

/** Gradients of one step, in all of which there may be infinity and NaN. */
export function drawGradients(random: Random, sizes: readonly number[]): Float32Array[] {
  return sizes.map((size) => Float32Array.from(drawValues(random, size)));
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** A new optimizer of core of this kind, built on new variables. */
export function made({ options, scaling, specs }: Kind, values?: readonly ArrayLike<number>[]): Subject {
  const inner = new RMSprop(options);
  const optimizer = scaling === null ? inner : new LossScaleOptimizer(inner, scaling);
  const variables = specs.map(({ name, shape, dtype }, i) => {
    return new Variable(values?.[i] ?? new Float32Array(sizeOf(shape)), { name, shape, dtype });
  });
  optimizer.build(variables);
  return { optimizer, variables };
}

/** Puts it in a state drawn at random, all of which is restored at once. */
export function setAnyState(random: Random, { optimizer, variables }: Subject, { scaling }: Kind): void {
  const drawn = (variable: OptimizerVariable) =>
    drawValues(random, sizeOf(variable.shape), variable.name, scaling?.dynamicGrowthSteps);
  optimizer.setWeights(
    optimizer.variables.map((variable) => ({ shape: variable.shape, value: Float64Array.from(drawn(variable)) })),
  );
  for (const variable of variables) variable.assign(drawValues(random, variable.size));
}

/** One step on each, with the same gradients. */
export function step(subjects: readonly Subject[], gradients: readonly Float32Array[]): void {
  for (const { optimizer, variables } of subjects) {
    const typed = gradients.map((gradient, i) => {
      const { dtype = "float32", shape = [] } = variables[i] ?? {};
      return new Variable(gradient, { dtype, shape });
    });
    optimizer.apply(typed, variables);
    for (const gradient of typed) gradient.dispose();
  }
}
