// What can be set: the optimizers, every option with its Keras name and a line about it, and the state of the page.
import { EXPLAIN_INITIAL, type ExplainState } from "./explain/state.js";
import type { SurfaceName } from "./landscape/surfaces.js";
import type { Measured } from "./speed/contenders.js";

/** The optimizers of the package, by the names of their kinds here. */
export const OWN_CLASSES = {
  ...{ rmsprop: "RMSprop", sgd: "SGD", adam: "Adam", adamw: "AdamW", lion: "Lion" },
  ...{ adagrad: "Adagrad", adadelta: "Adadelta", adamax: "Adamax", nadam: "Nadam", ftrl: "Ftrl" },
  schedulefreeadamw: "ScheduleFreeAdamW",
} as const;

export type OwnKind = keyof typeof OWN_CLASSES;

export type KindName = OwnKind | "keras" | "tfjs" | "tfsgd" | "tfadam";

/** Whether it is one of the package: those have all of Keras' arguments, checkpoints and snippets. */
export const isOwnKind = (kind: KindName): kind is OwnKind => kind in OWN_CLASSES;

export type OptionValue = number | boolean | string | null;

/** One option as a control. `null` is among its values where Keras has None. */
export interface Option {
  readonly key: string;
  readonly keras: string;
  readonly initial: OptionValue;
  readonly nullable: boolean;
  readonly about: string;
}

const option = (key: string, keras: string, initial: Option["initial"], about: string): Option => ({
  ...{ key, keras, initial, about },
  nullable: initial === null,
});

const LEARNING_RATE = option("learningRate", "learning_rate", 0.05, "How long steps are, before they are scaled.");
const RHO = option("rho", "rho", 0.9, "How much of the average of squared gradients is kept in each step.");
const MOMENTUM = option("momentum", "momentum", 0, "How much of the last step is repeated in the next.");
const EPSILON = option(
  "epsilon",
  "epsilon",
  1e-7,
  "Added to the denominator: larger, it shortens steps with small gradients.",
);
const CENTERED = option(
  "centered",
  "centered",
  false,
  "Divide by how much gradients vary instead of how large they are.",
);

const BETA1 = option("beta1", "beta_1", 0.9, "How much of the average of gradients is kept in each step.");
const BETA2 = option("beta2", "beta_2", 0.999, "How much of the average of squared gradients is kept in each step.");
const BETAS = [BETA1, BETA2];

/** Adamax divides by the largest gradient, which fades; ScheduleFreeAdamW averages weights in place of gradients. */
const ADAMAX_BETAS = [
  BETA1,
  option("beta2", "beta_2", 0.999, "How much of the largest gradient so far is kept in each step."),
];
const SCHEDULE_FREE_BETAS = [
  option("beta1", "beta_1", 0.9, "How close to the average of the weights gradients are taken: 1 is at the average."),
  BETA2,
];
/** Under its root epsilon is added; centered, it is subtracted. */
const TFJS_EPSILON = option("epsilon", "epsilon", 1e-7, "Added under the root; with centered, subtracted from it.");

const AMSGRAD = option("amsgrad", "amsgrad", false, "Divide by the largest average of squared gradients so far.");
const NESTEROV = option("nesterov", "nesterov", false, "Look ahead along the momentum before each step.");
const LION_BETAS = [
  option("beta1", "beta_1", 0.9, "How much of the average of gradients counts in the direction of a step."),
  option("beta2", "beta_2", 0.99, "How much of the average of gradients is kept in each step."),
];

const ACCUMULATOR = option(
  "initialAccumulatorValue",
  "initial_accumulator_value",
  0.1,
  "Where the sums of squared gradients start.",
);
const FTRL = [
  option(
    "learningRatePower",
    "learning_rate_power",
    -0.5,
    "The power of the sum of squared gradients by which the rate falls: -0.5, or 0 for a constant rate.",
  ),
  ACCUMULATOR,
  option("l1RegularizationStrength", "l1_regularization_strength", 0, "Makes weights that matter little exactly 0."),
  option("l2RegularizationStrength", "l2_regularization_strength", 0, "Pulls weights towards 0."),
  option(
    "l2ShrinkageRegularizationStrength",
    "l2_shrinkage_regularization_strength",
    0,
    "Pulls weights towards 0, as part of the gradient.",
  ),
  option("beta", "beta", 0, "Larger, it makes the first steps shorter."),
];
const WARMUP = option(
  "warmupSteps",
  "warmup_steps",
  0,
  "For so many updates the learning rate grows to its full value.",
);

const nameOf = (kind: OwnKind): Option => option("name", "name", kind, "What it is called here and in saved files.");

const weightDecay = (initial: number | null): Option =>
  option("weightDecay", "weight_decay", initial, "Each step shrinks the variables by this times the learning rate.");

const BASE: readonly Option[] = [
  option("clipnorm", "clipnorm", null, "Longest gradient of each variable: a longer one is scaled down."),
  option("clipvalue", "clipvalue", null, "Largest element of a gradient, whatever its sign: a larger one is cut."),
  option(
    "globalClipnorm",
    "global_clipnorm",
    null,
    "Longest gradient of all variables together: a longer one is scaled down and keeps its direction.",
  ),
  option("useEma", "use_ema", false, "Keep a moving average of the variables."),
  option("emaMomentum", "ema_momentum", 0.99, "How much of that average is kept in each update."),
  option(
    "emaOverwriteFrequency",
    "ema_overwrite_frequency",
    null,
    "Replace the variables by their average every so many updates.",
  ),
  option(
    "lossScaleFactor",
    "loss_scale_factor",
    null,
    "The loss is multiplied by this, and its gradients are divided by it again.",
  ),
  option(
    "gradientAccumulationSteps",
    "gradient_accumulation_steps",
    null,
    "Gather so many gradients, then update with their mean.",
  ),
];

/** The optimizers to choose from, and the options that each has. */
export const KINDS: Readonly<Record<KindName, { readonly title: string; readonly options: readonly Option[] }>> = {
  rmsprop: ownKind("rmsprop", [RHO, MOMENTUM, EPSILON, CENTERED]),
  sgd: ownKind("sgd", [MOMENTUM, NESTEROV]),
  adam: ownKind("adam", [...BETAS, EPSILON, AMSGRAD]),
  adamw: ownKind("adamw", [...BETAS, EPSILON, AMSGRAD], 0.004),
  lion: ownKind("lion", LION_BETAS),
  adagrad: ownKind("adagrad", [ACCUMULATOR, EPSILON]),
  adadelta: ownKind("adadelta", [{ ...RHO, initial: 0.95 }, EPSILON]),
  adamax: ownKind("adamax", [...ADAMAX_BETAS, EPSILON]),
  nadam: ownKind("nadam", [...BETAS, EPSILON]),
  ftrl: ownKind("ftrl", FTRL),
  schedulefreeadamw: ownKind("schedulefreeadamw", [...SCHEDULE_FREE_BETAS, { ...EPSILON, initial: 1e-8 }, WARMUP]),
  keras: {
    title: "Keras' formula of RMSprop",
    options: [LEARNING_RATE, RHO, MOMENTUM, EPSILON, CENTERED, weightDecay(null), ...BASE],
  },
  tfjs: { title: "tf.train.rmsprop", options: [LEARNING_RATE, RHO, MOMENTUM, TFJS_EPSILON, CENTERED] },
  tfsgd: { title: "tf.train.sgd", options: [LEARNING_RATE, MOMENTUM] },
  tfadam: { title: "tf.train.adam", options: [LEARNING_RATE, ...BETAS, EPSILON] },
};

function ownKind(kind: OwnKind, own: readonly Option[], decay: number | null = null): (typeof KINDS)[KindName] {
  return { title: OWN_CLASSES[kind], options: [LEARNING_RATE, ...own, weightDecay(decay), ...BASE, nameOf(kind)] };
}

/** The optimizers of each tab. */
export const LANDSCAPE_KINDS: readonly KindName[] = [
  // They are the names of the table itself.
  ...(Object.keys(OWN_CLASSES) as OwnKind[]),
  ...(["keras", "tfjs"] as const),
];
export const DIGITS_KINDS = ["rmsprop", "sgd", "adam", "adamw", "lion", "tfjs", "tfsgd", "tfadam"] as const;

export const SCHEDULE_NAMES = [
  "constant",
  "ExponentialDecay",
  "InverseTimeDecay",
  "PolynomialDecay",
  "CosineDecay",
  "CosineDecayRestarts",
  "PiecewiseConstantDecay",
] as const;

/** The settings of one optimizer. `options` holds all that its kind has. */
export interface RunSettings {
  readonly kind: KindName;
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly schedule: (typeof SCHEDULE_NAMES)[number];
  /** Of every schedule but PiecewiseConstantDecay, which has these two instead. */
  readonly decaySteps: number;
  readonly boundaries: readonly number[];
  readonly values: readonly number[];
}

export const TABS = ["explain", "landscape", "digits", "speed", "code"] as const;
export const SPEEDS = [1, 5, 20] as const;

/** What can be drawn as curves of a run's inside, by the names that samples have. */
export const INSIDES = {
  velocity: "velocity",
  momentum: "momentum",
  average_gradient: "average gradient",
  accumulator: "accumulator",
  step: "effective step",
  learning_rate: "learning rate",
} as const;
export type InsideName = keyof typeof INSIDES;
// They are the names of the table itself.
export const INSIDE_NAMES = Object.keys(INSIDES) as readonly InsideName[];

/** Everything that is in the page's address. */
export interface PageState {
  readonly tab: (typeof TABS)[number];
  readonly explain: ExplainState;
  /** The places of the controls of the options' pictures, where they were moved. */
  readonly pictures: Readonly<Record<string, number>>;
  readonly surface: SurfaceName;
  /** Steps in each frame. */
  readonly speed: (typeof SPEEDS)[number];
  /** The step at which the runs end. */
  readonly until: number;
  /** The step at which the runs are marked; null for the last one. */
  readonly at: number | null;
  /** The inner view that is drawn. */
  readonly inside: InsideName;
  readonly runs: readonly RunSettings[];
  readonly digits: DigitsState;
  /** What was measured in the tab Speed, here or, in a link, elsewhere. */
  readonly measured: Measured | null;
  /** Whose code the tab Code shows: a word of `code/choices.ts`, or null until one is chosen. */
  readonly code: string | null;
}

/** What is trained in the tab Digits: both contestants have the same initial weights and the same batches. */
export interface DigitsState {
  readonly contestants: readonly [RunSettings, RunSettings];
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly inputs: Inputs;
  readonly engine: EngineName;
}

/** What trains: TensorFlow.js, or where there is an adapter, the engine of examples/webgpu. */
export const ENGINES = ["tfjs", "webgpu"] as const;
export type EngineName = (typeof ENGINES)[number];

/** What the networks see: the images as they are, or with one pixel stuck far above the others. */
export const INPUTS = ["stuck", "clean"] as const;
export type Inputs = (typeof INPUTS)[number];

/** The least and the greatest of each number of that tab. */
export const DIGITS_RANGES: Readonly<Record<"epochs" | "batchSize" | "seed", readonly [number, number]>> = {
  epochs: [1, 500],
  batchSize: [1, 1024],
  seed: [0, 2 ** 31 - 1],
};

/** No more optimizers than have a colour of their own. */
export const MAX_RUNS = 4;
/** No more steps than can be kept and drawn. */
export const MAX_STEPS = 5000;

const SCHEDULE: Omit<RunSettings, "kind" | "options"> = {
  ...{ schedule: "constant", decaySteps: 200 },
  ...{ boundaries: [100, 200], values: [0.1, 0.03, 0.01] },
};

/** Settings of a kind, at their initial values but for some. */
export function settingsOf(kind: KindName, changed: RunSettings["options"] = {}): RunSettings {
  const initial = KINDS[kind].options.map(({ key, initial }) => [key, initial] as const);
  return { kind, options: { ...Object.fromEntries(initial), ...changed }, ...SCHEDULE };
}

/** What a run is called in tables and under curves. */
export function titleOf({ kind, options }: RunSettings): string {
  const { name } = options;
  return typeof name === "string" && name !== kind ? name : KINDS[kind].title;
}

const DIGITS_RATES: Readonly<Partial<Record<KindName, number>>> = { sgd: 0.1, tfsgd: 0.1, lion: 3e-4 };

/** Settings of a kind for the tab Digits, whose network takes smaller steps than the landscape. */
export function contestantOf(kind: (typeof DIGITS_KINDS)[number], changed: RunSettings["options"] = {}): RunSettings {
  return settingsOf(kind, { learningRate: DIGITS_RATES[kind] ?? 0.001, ...changed });
}

/** The step at which the runs of the landscape are marked. */
export const markOf = ({ at, until }: Pick<PageState, "at" | "until">): number => Math.min(at ?? until, until);

/** The page as it opens. */
export const INITIAL: PageState = {
  ...{ tab: "explain", explain: EXPLAIN_INITIAL, pictures: {}, measured: null, code: null },
  ...{ surface: "ravine", speed: 1, until: 120, at: null, inside: "velocity" },
  runs: [settingsOf("rmsprop"), settingsOf("sgd", { learningRate: 0.18 })],
  digits: {
    // SGD has the rate that does best on these images.
    contestants: [contestantOf("rmsprop"), contestantOf("sgd", { learningRate: 0.01 })],
    ...{ epochs: 25, batchSize: 16, seed: 0, inputs: "stuck", engine: "tfjs" },
  },
};

/** What each option is for, on the surface that shows it. */
export const PRESETS: Readonly<Record<string, Pick<PageState, "surface" | "until" | "runs">>> = {
  "Ravine: RMSprop and SGD": { surface: "ravine", until: 120, runs: INITIAL.runs },
  "Four of Keras in Rosenbrock's valley": {
    ...{ surface: "rosenbrock", until: 300 },
    runs: [
      settingsOf("sgd", { learningRate: 0.001, momentum: 0.9 }),
      settingsOf("rmsprop", { learningRate: 0.01 }),
      settingsOf("adam", { learningRate: 0.05 }),
      settingsOf("lion", { learningRate: 0.01 }),
    ],
  },
  "Momentum in Rosenbrock's valley": {
    ...{ surface: "rosenbrock", until: 300 },
    runs: [
      settingsOf("rmsprop", { learningRate: 0.01, name: "without momentum" }),
      settingsOf("rmsprop", { learningRate: 0.01, momentum: 0.9, name: "with momentum" }),
    ],
  },
  "Clipping on the cliff": {
    ...{ surface: "cliff", until: 150 },
    runs: [
      settingsOf("rmsprop", { learningRate: 0.3, momentum: 0.9, epsilon: 1, name: "not clipped" }),
      settingsOf("rmsprop", { learningRate: 0.3, momentum: 0.9, epsilon: 1, globalClipnorm: 1, name: "clipped" }),
    ],
  },
  "Centered at slope 11": {
    ...{ surface: "slope", until: 145 },
    runs: (["rmsprop", "keras", "tfjs"] as const).map((kind) =>
      settingsOf(kind, { centered: true, learningRate: 0.001 }),
    ),
  },
  "Averaging the noisy bowl": {
    ...{ surface: "noisy", until: 400 },
    runs: [settingsOf("rmsprop", { learningRate: 0.5, useEma: true, emaMomentum: 0.98 })],
  },
  "Accumulating noisy gradients": {
    ...{ surface: "noisy", until: 400 },
    runs: [
      settingsOf("rmsprop", { learningRate: 0.2, name: "each gradient" }),
      settingsOf("rmsprop", { learningRate: 0.2, gradientAccumulationSteps: 8, name: "mean of 8" }),
    ],
  },
  "A schedule comes to rest": {
    ...{ surface: "noisy", until: 300 },
    runs: [
      settingsOf("rmsprop", { learningRate: 0.3, name: "constant" }),
      { ...settingsOf("rmsprop", { learningRate: 0.3, name: "scheduled" }), schedule: "CosineDecay", decaySteps: 300 },
    ],
  },
};
