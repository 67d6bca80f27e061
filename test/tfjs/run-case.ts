// Runs a case of real Keras (test/oracle) with rmsprop/tfjs, as test/oracle/run-case.ts runs it with core.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  type Constrainable,
  Ftrl,
  Lion,
  LossScaleOptimizer,
  Nadam,
  type NamedTensor,
  type Optimizer,
  RMSprop,
  ScheduleFreeAdamW,
  SGD,
} from "rmsprop/tfjs";
import { type Case, CLASS_NAMES, type ClassName, type Serialized, type StepSpec } from "../oracle/case.js";
import { comparable, exclusionOf, gradientAt, hashOf, initialValues, itemAt, weightsAt } from "../oracle/case-data.js";
import type { NamedArray } from "../oracle/compare.js";
import { scheduleOf } from "../oracle/run-case.js";

/** Whether a clip of this case needs norms. */
export function needsNorms({ config }: Case): boolean {
  return Number(config.clipnorm ?? 0) > 0 || Number(config.global_clipnorm ?? 0) > 0;
}

/** Whether a constraint of this case needs norms. */
export function constrainsNorms({ variables }: Case): boolean {
  return variables.some(({ constraint }) => constraint !== undefined && constraint.class_name !== "NonNeg");
}

/** Whether a case stays within what tensors have: float32, and no variable that takes its gradient. */
export function runsOnTensors({ dtype, variables, steps, scale, build, end }: Case): boolean {
  if (dtype !== "float32") return false;
  if (variables.some(({ overwrite }) => overwrite)) return false;
  // Here an optimizer knows its variables from the first call on.
  const first = steps[0]?.use;
  if (build && first && first.length < variables.length) return false;
  // And what is loaded waits for its variable.
  if (steps.some(({ reload, use }) => reload && use && use.length < variables.length)) return false;
  if (steps[0]?.weights) return false;
  // Before its first step there are no averages to put in place; Keras puts zeros.
  if (end.iterations === 0 && steps.some(({ finalize }) => finalize)) return false;
  return !(scale && steps.some(({ weights }) => weights));
}

/** A mismatch in words, or null when all variables and all state have Keras' bits after every call. */
export async function mismatchOf(testCase: Case): Promise<string | null> {
  try {
    const { hashes } = await runOf(testCase);
    const call = testCase.hashes.findIndex((hash, i) => hash !== hashes[i]);
    return call < 0 ? null : `${testCase.id}: the state differs from call ${call} on`;
  } catch (error) {
    return `${testCase.id}: ${error}`;
  }
}

/** The hash of all variables and all state after every call, and how the steps ran, since the last reload. */
export async function runOf(testCase: Case): Promise<{ hashes: string[]; counts: Optimizer["stepCounts"] }> {
  const run = new CaseRun(testCase);
  const hashes: string[] = [];
  try {
    for (const [call, step] of testCase.steps.entries()) hashes.push(await run.step(step, call));
    return { hashes, counts: run.counts };
  } finally {
    run.dispose();
  }
}

type AnyClass = { fromConfig(config: Case["config"]): Optimizer };
const CLASSES: Readonly<Record<ClassName, AnyClass>> = {
  ...{ RMSprop, SGD, Adam, AdamW, Lion },
  ...{ Adagrad, Adadelta, Adamax, Nadam, Ftrl, ScheduleFreeAdamW },
};

class CaseRun {
  readonly #case: Case;
  readonly #variables: readonly tf.Variable[];
  /** As the layers of a model have them. */
  readonly #weights: Constrainable["weights"];
  #inner: Optimizer;
  readonly #outer: LossScaleOptimizer | null;
  #call = 0;

  constructor(testCase: Case) {
    this.#case = testCase;
    this.#variables = initialValues(testCase).map(({ name, shape, value }) => {
      return tf.tidy(() => tf.variable(tf.tensor(value, [...shape]), true, name));
    });
    this.#weights = this.#variables.map((variable, i) => {
      const { constraint } = itemAt(testCase, testCase.variables, i);
      return { name: variable.name, read: () => variable, constraint: constraint && layerConstraintOf(constraint) };
    });
    this.#inner = this.#createOptimizer();
    const { scale } = testCase;
    this.#outer =
      scale === undefined
        ? null
        : new LossScaleOptimizer(this.#inner, {
            initialScale: scale.initial_scale,
            dynamicGrowthSteps: scale.dynamic_growth_steps,
            name: scale.name,
          });
  }

  async step(step: StepSpec, call: number): Promise<string> {
    this.#call = call;
    if (step.learning_rate !== undefined) this.#optimizer.learningRate = step.learning_rate;
    if (step.schedule) this.#optimizer.learningRate = scheduleOf(step.schedule);
    if (step.weights) await this.#setWeights(step.weights);
    if (step.reload) await this.#reload();
    this.#apply(step);
    if (step.finalize) this.#optimizer.finalizeVariableValues();
    return hashOf(this.#case, call, await this.#arrays());
  }

  get counts(): Optimizer["stepCounts"] {
    return this.#inner.stepCounts;
  }

  dispose(): void {
    this.#optimizer.dispose();
    tf.dispose([...this.#variables]);
  }

  get #optimizer(): Optimizer | LossScaleOptimizer {
    return this.#outer ?? this.#inner;
  }

  #createOptimizer(): Optimizer {
    const { kind, callable, config } = this.#case;
    const optimizer = CLASSES[CLASS_NAMES[kind]].fromConfig(config);
    if (callable) optimizer.learningRate = () => callable[this.#call] ?? Number.NaN;
    const exclusion = exclusionOf(this.#case, this.#variables);
    if (exclusion !== null) optimizer.excludeFromWeightDecay(exclusion);
    optimizer.constrain({ weights: this.#weights });
    return optimizer;
  }

  async #setWeights(given: Readonly<Record<string, number>>): Promise<void> {
    const names = this.#inWeightsOrder().map(({ path }) => path.split("/").at(-1) ?? "");
    const own = await this.#inner.getWeights();
    const named = own.map(({ tensor: { shape } }, i) => ({ name: names[i] ?? "", shape }));
    // Random numbers go by Keras' order, whatever order the variables came in.
    const inOrder = this.#inKerasOrder(named);
    const drawn = weightsAt(this.#case, this.#call, given, inOrder);
    const weights = own.map(({ name, tensor }, i): NamedTensor => {
      const { shape, value } = itemAt(this.#case, drawn, inOrder.indexOf(itemAt(this.#case, named, i)));
      return { name, tensor: tf.tensor(value, [...shape], tensor.dtype) };
    });
    await this.#inner.setWeights(weights);
    tf.dispose(weights.map(({ tensor }) => tensor));
  }

  async #reload(): Promise<void> {
    const old = this.#inner;
    this.#inner = this.#createOptimizer();
    await this.#inner.setWeights(await old.getWeights());
    old.dispose();
  }

  #apply(step: StepSpec): void {
    const indices = step.use ?? this.#variables.map((_, i) => i);
    const gradients = indices.map((i) => this.#gradient(step, i));
    const used = indices.map((i) => this.#variable(i));
    if (this.#case.mode === "pairs") {
      // Their type has no null, but TensorFlow.js passes them so.
      const pairs = used.map(({ name }, i) => ({ name, tensor: gradients[i] ?? null }) as NamedTensor);
      this.#optimizer.applyGradients(pairs);
    } else this.#optimizer.apply(gradients, used);
    tf.dispose(gradients.filter((gradient) => gradient !== null));
  }

  #gradient(step: StepSpec, index: number): tf.Tensor | null {
    const gradient = gradientAt(this.#case, step, this.#call, index);
    return gradient && tf.tensor(gradient.value, [...gradient.shape]);
  }

  #variable(index: number): tf.Variable {
    return itemAt(this.#case, this.#variables, index);
  }

  /** The optimizer's variables with their values in the order of Keras, whatever order their variables came in. */
  async #state(): Promise<NamedArray[]> {
    const weights = await this.#optimizer.getWeights();
    const values = await Promise.all(weights.map(({ tensor }) => tensor.data()));
    const all = this.#inWeightsOrder().map(({ name, dtype }, i) => {
      return { name, value: comparable({ dtype, value: (values[i] ?? new Float32Array()) as Float32Array }) };
    });
    return this.#inKerasOrder(all);
  }

  /** The optimizer's variables as getWeights lists them: what is no slot comes first. */
  #inWeightsOrder(): Optimizer["variables"] {
    const { variables } = this.#optimizer;
    return [...variables.filter(({ slot }) => slot === null), ...variables.filter(({ slot }) => slot !== null)];
  }

  #inKerasOrder<T extends { readonly name: string }>(variables: readonly T[]): T[] {
    const order = this.#case.end.paths.map((path) => path.split("/").at(-1) ?? "");
    const slots = variables.filter(({ name }) => order.includes(name) && !COUNTERS.includes(name));
    const counters = variables.filter((variable) => !slots.includes(variable));
    return [...counters, ...slots.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))];
  }

  async #arrays(): Promise<NamedArray[]> {
    const values = await Promise.all(this.#variables.map((variable) => variable.data<"float32">()));
    const own = this.#variables.map(({ name }, i) => ({ name, value: values[i] ?? new Float32Array() }));
    return [...own, ...(await this.#state())];
  }
}

/** A constraint of Keras as a layer of TensorFlow.js has it. */
function layerConstraintOf({ class_name, config }: Serialized): object {
  const { axis, max_value: maxValue, min_value: minValue, rate } = config as Readonly<Record<string, number>>;
  // Its types have one axis, its documentation several.
  const norms = Object.fromEntries(
    Object.entries({ axis, maxValue, minValue, rate }).filter(([, value]) => value !== undefined),
  ) as { axis: number; maxValue: number; minValue: number; rate: number };
  const create = {
    NonNeg: () => tfl.constraints.nonNeg(),
    MaxNorm: () => tfl.constraints.maxNorm(norms),
    UnitNorm: () => tfl.constraints.unitNorm(norms),
    MinMaxNorm: () => tfl.constraints.minMaxNorm(norms),
  }[class_name];
  if (create === undefined) throw new Error(`${class_name} is no constraint of Keras`);
  return create();
}

const COUNTERS: readonly string[] = ["iteration", "learning_rate", "step_counter", "dynamic_scale"];
