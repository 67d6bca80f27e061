// Runs a case with our library, through its public API only, as run_keras.py runs it with Keras.
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  constraints,
  type FloatArray,
  Ftrl,
  type Gradient,
  Lion,
  LossScaleOptimizer,
  Nadam,
  type Optimizer,
  type OptimizerVariable,
  RMSprop,
  ScheduleFreeAdamW,
  SGD,
  schedules,
  setEngine,
  Variable,
} from "rmsprop";
import { canonical, digest, fill, streamOf } from "./bits.js";
import { type Case, CLASS_NAMES, type ClassName, type Serialized, type StepSpec, sizeOf } from "./case.js";
import { type Comparison, compareCase, lostElements, type NamedArray, type Outcome } from "./compare.js";

export const ENGINES = ["js", "wasm"] as const;
export type EngineName = (typeof ENGINES)[number];

/** The forms of input that must give the same bits. */
export interface RunOptions {
  readonly engine: EngineName;
  /** Variables of ours, or plain typed arrays that are updated in place. */
  readonly variables?: "Variable" | "array";
  readonly gradients?: "array" | "numbers" | "Variable";
}

/** An optimizer class of some face. */
export interface OptimizerClass {
  new (options: Readonly<Record<string, unknown>>): Optimizer;
  fromConfig(config: Readonly<Record<string, unknown>>): Optimizer;
}

type Target = Variable | FloatArray;
type GradientForm = NonNullable<RunOptions["gradients"]>;

/** Runs the case and compares all that Keras left; the engine of later variables is `options.engine` afterwards. */
function checkCase(
  testCase: Case,
  options: RunOptions,
  Class: OptimizerClass = CLASSES[CLASS_NAMES[testCase.kind]],
): Comparison {
  const outcome = runCase(testCase, options, Class);
  return compareCase(testCase, options.variables === "array" ? { ...outcome, paths: testCase.end.paths } : outcome);
}

/** As `checkCase`; an error is a mismatch, so that it does not hide the other cases. */
export function tryCase(testCase: Case, options: RunOptions, Class?: OptimizerClass): Comparison {
  try {
    return checkCase(testCase, options, Class);
  } catch (error) {
    const failure = { array: "error", index: null, expected: "none", received: String(error), ulp: null };
    return { arrays: 0, mismatches: [{ caseId: testCase.id, step: null, ...failure }] };
  }
}

/** Whether a case can do without Variables: their names, constraints and flags. */
export function runsOnArrays({ variables, exclude, lost }: Case): boolean {
  return !exclude?.names && !lost && variables.every(({ constraint, overwrite }) => !constraint && !overwrite);
}

export function runCase(testCase: Case, options: RunOptions, Class = CLASSES[CLASS_NAMES[testCase.kind]]): Outcome {
  setEngine(options.engine);
  const run = new CaseRun(testCase, options, Class);
  try {
    const hashes = testCase.steps.map((step, call) => run.step(step, call));
    return { hashes, ...run.end() };
  } finally {
    run.dispose();
  }
}

export function constraintOf({ class_name, config }: Serialized): constraints.Constraint {
  return entryOf<typeof constraints.MaxNorm>(constraints, class_name).fromConfig(config);
}

export function scheduleOf({ class_name, config }: Serialized): schedules.LearningRateSchedule {
  return entryOf<typeof schedules.ExponentialDecay>(schedules, class_name).fromConfig(config);
}

class CaseRun {
  readonly #case: Case;
  readonly #Class: OptimizerClass;
  readonly #form: GradientForm;
  readonly #targets: readonly Target[];
  // The order that the optimizer knows: that of build, or of the first call.
  readonly #order: readonly number[];
  readonly #made: { dispose(): void }[] = [];
  #inner: Optimizer;
  #outer: LossScaleOptimizer | null = null;
  #call = 0;

  constructor(testCase: Case, options: RunOptions, Class: OptimizerClass) {
    const { variables = "Variable", gradients = "array" } = options;
    this.#case = testCase;
    this.#Class = Class;
    this.#form = gradients;
    this.#targets = testCase.variables.map((_, i) => this.#createTarget(i, variables === "array"));
    const natural = testCase.variables.map((_, i) => i);
    this.#order = (testCase.build ? undefined : testCase.steps[0]?.use) ?? natural;
    this.#inner = this.#createOptimizer();
    this.#exclude();
    if (testCase.scale) {
      const { initial_scale: initialScale, dynamic_growth_steps: dynamicGrowthSteps, name } = testCase.scale;
      this.#outer = new LossScaleOptimizer(this.#inner, { initialScale, dynamicGrowthSteps, name });
    }
    if (testCase.build) this.#optimizer.build(this.#ordered());
  }

  /** One call of the case; returns the hash of the state after it. */
  step(step: StepSpec, call: number): string {
    this.#call = call;
    this.#before(step);
    this.#apply(step);
    if (step.finalize) this.#optimizer.finalizeVariableValues(this.#ordered());
    return digest(this.#arrays().map(({ name, value }) => canonical(value, lostElements(this.#case, name, call))));
  }

  end(): Omit<Outcome, "hashes"> {
    return {
      arrays: this.#arrays(),
      paths: this.#optimizer.variables.map(({ path }) => path),
      iterations: Number(this.#optimizer.iterations),
      learningRate: this.#optimizer.learningRate,
    };
  }

  dispose(): void {
    this.#outer?.dispose();
    this.#inner.dispose();
    for (const made of this.#made) made.dispose();
  }

  get #optimizer(): Optimizer | LossScaleOptimizer {
    return this.#outer ?? this.#inner;
  }

  #createTarget(index: number, plain: boolean): Target {
    const { seed, dtype, variables } = this.#case;
    const spec = variables[index];
    if (!spec) throw new RangeError(`variable ${index} of ${this.#case.id}`);
    const { name, shape, value: regime, constraint, overwrite = false } = spec;
    const value = fill(sizeOf(shape), dtype, regime, streamOf(seed, 0, index));
    if (plain) return value;
    const own = constraint ? constraintOf(constraint) : null;
    const variable = new Variable(value, { shape, dtype, name, constraint: own, overwriteWithGradient: overwrite });
    this.#made.push(variable);
    return variable;
  }

  #createOptimizer(): Optimizer {
    const { config, callable } = this.#case;
    if (callable) return new this.#Class({ ...optionsOf(config), learningRate: () => callable[this.#call] });
    return this.#Class.fromConfig(config);
  }

  #exclude(): void {
    const { exclude } = this.#case;
    if (!exclude) return;
    const variables = (exclude.variables ?? []).map((i) => this.#target(i));
    this.#inner.excludeFromWeightDecay({ variables, names: exclude.names ?? [] });
  }

  #before(step: StepSpec): void {
    if (step.learning_rate !== undefined) this.#optimizer.learningRate = step.learning_rate;
    if (step.schedule) this.#optimizer.learningRate = scheduleOf(step.schedule);
    if (step.weights) this.#setWeights(step.weights);
    if (step.reload) this.#reload();
  }

  #setWeights(weights: Readonly<Record<string, number>>): void {
    const values = this.#inner.variables.map(({ name, shape, dtype }, i) => {
      const given = weights[name];
      if (given !== undefined) return given;
      const value = fill(
        sizeOf(shape),
        dtype === "float64" ? dtype : "float32",
        "positive",
        streamOf(this.#case.seed, 1000 + this.#call, i),
      );
      return { shape, value };
    });
    this.#inner.setWeights(values);
  }

  #reload(): void {
    const store = {};
    const old = this.#inner;
    old.saveOwnVariables(store);
    this.#inner = this.#Class.fromConfig(old.getConfig());
    old.dispose();
    this.#exclude();
    this.#inner.build(this.#ordered());
    this.#inner.loadOwnVariables(store);
  }

  #apply(step: StepSpec): void {
    const indices = step.use ?? this.#order;
    const gradients = indices.map((i) => this.#gradient(step, i));
    const used = indices.map((i) => this.#target(i));
    const { mode = "apply" } = this.#case;
    if (mode === "stateless") this.#statelessApply(gradients, used);
    else if (mode === "pairs") this.#optimizer.applyGradients(used.map((target, i) => [gradients[i] ?? null, target]));
    else if (step.use || !this.#optimizer.built) this.#optimizer.apply(gradients, used);
    else this.#optimizer.apply(gradients);
  }

  #gradient(step: StepSpec, index: number): Gradient {
    const spec = this.#case.variables[index];
    if (!spec || step.none?.includes(index)) return null;
    const { dtype, seed } = this.#case;
    const regime = step.regimes?.[index] ?? spec.gradient;
    const stream = streamOf(seed, spec.frozen ? 1 : this.#call + 1, index);
    return this.#formed(fill(sizeOf(spec.shape), dtype, regime, stream), spec.shape);
  }

  #formed(gradient: FloatArray, shape: readonly number[]): Gradient {
    if (this.#form === "array") return gradient;
    if (this.#form === "numbers") return shape.length === 0 ? (gradient[0] ?? 0) : Array.from(gradient);
    const variable = new Variable(gradient, { shape });
    this.#made.push(variable);
    return variable;
  }

  /** From values to new values, which are then put in place. */
  #statelessApply(gradients: readonly Gradient[], used: readonly Target[]): void {
    const state = this.#optimizer.variables.map(({ shape, value }) => ({ shape, value: value.slice() }));
    const values = used.map((target) => (target instanceof Variable ? target : target.slice()));
    const [trained, own] = this.#optimizer.statelessApply(state, gradients, values);
    used.forEach((target, i) => {
      arrayOf(target).set(trained[i] ?? []);
    });
    this.#optimizer.setWeights(own.map((value, i) => ({ shape: state[i]?.shape ?? [], value })));
  }

  #target(index: number): Target {
    const target = this.#targets[index];
    if (target === undefined) throw new RangeError(`variable ${index} of ${this.#case.id}`);
    return target;
  }

  #ordered(): Target[] {
    return this.#order.map((i) => this.#target(i));
  }

  #arrays(): NamedArray[] {
    const own = this.#targets.map((target, i) => ({
      name: this.#case.variables[i]?.name ?? "",
      value: arrayOf(target),
    }));
    return [
      ...own,
      ...this.#optimizer.variables.map(({ name, dtype, value }) => ({ name, value: floats(dtype, value) })),
    ];
  }
}

/** The classes of core. */
const CLASSES = {
  ...{ RMSprop, SGD, Adam, AdamW, Lion },
  ...{ Adagrad, Adadelta, Adamax, Nadam, Ftrl, ScheduleFreeAdamW },
} as unknown as Readonly<Record<ClassName, OptimizerClass>>;

const arrayOf = (target: Target): FloatArray => (target instanceof Variable ? target.value : target);

/** Counters are compared as float64, whatever they are kept in. */
function floats(dtype: string, value: OptimizerVariable["value"]): FloatArray {
  const isFloat = value instanceof Float32Array || value instanceof Float64Array;
  return isFloat && dtype.startsWith("float") ? value : Float64Array.from(value);
}

/** Our options, from Keras' config. */
function optionsOf(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [camelCase(name), value]));
}

/** A class of one of our namespaces by the name that Keras uses; a missing one is an error of the library. */
function entryOf<C>(namespace: object, name: string): C {
  const entry = Object.entries(namespace).find(([key]) => key === name)?.[1];
  if (entry === undefined) throw new TypeError(`rmsprop has no ${name}`);
  return entry as C;
}
