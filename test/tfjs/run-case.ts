// Runs a case of real Keras (test/oracle) with rmsprop/tfjs, as test/oracle/run-case.ts runs it with core.
import * as tf from "@tensorflow/tfjs-core";
import { schedules } from "rmsprop";
import { LossScaleOptimizer, type NamedTensor, RMSprop } from "rmsprop/tfjs";
import { canonical, digest, fill, streamOf } from "../oracle/bits.js";
import { type Case, type Serialized, type StepSpec, sizeOf } from "../oracle/case.js";
import { lostElements, type NamedArray } from "../oracle/compare.js";

/** Whether a clip of this case needs norms. */
export function needsNorms({ config }: Case): boolean {
  return Number(config.clipnorm ?? 0) > 0 || Number(config.global_clipnorm ?? 0) > 0;
}

/** Whether a case stays within what tensors have: float32, and no constraints. */
export function runsOnTensors({ kind, dtype, variables, steps, scale, build }: Case): boolean {
  if (kind !== "rmsprop" || dtype !== "float32") return false;
  if (variables.some(({ constraint, overwrite }) => constraint || overwrite)) return false;
  // Here an optimizer knows its variables from the first call on.
  const first = steps[0]?.use;
  if (build && first && first.length < variables.length) return false;
  // And what is loaded waits for its variable.
  if (steps.some(({ reload, use }) => reload && use && use.length < variables.length)) return false;
  if (steps[0]?.weights) return false;
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
export async function runOf(testCase: Case): Promise<{ hashes: string[]; counts: RMSprop["stepCounts"] }> {
  const run = new CaseRun(testCase);
  const hashes: string[] = [];
  try {
    for (const [call, step] of testCase.steps.entries()) hashes.push(await run.step(step, call));
    return { hashes, counts: run.counts };
  } finally {
    run.dispose();
  }
}

class CaseRun {
  readonly #case: Case;
  readonly #variables: readonly tf.Variable[];
  #inner: RMSprop;
  readonly #outer: LossScaleOptimizer | null;
  #call = 0;

  constructor(testCase: Case) {
    this.#case = testCase;
    this.#variables = testCase.variables.map(({ name, shape, value }, i) => {
      const values = fill(sizeOf(shape), "float32", value, streamOf(testCase.seed, 0, i)) as Float32Array;
      return tf.tidy(() => tf.variable(tf.tensor(values, [...shape]), true, name));
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
    const arrays = await this.#arrays();
    return digest(arrays.map(({ name, value }) => canonical(value, lostElements(this.#case, name, call))));
  }

  get counts(): RMSprop["stepCounts"] {
    return this.#inner.stepCounts;
  }

  dispose(): void {
    this.#optimizer.dispose();
    tf.dispose([...this.#variables]);
  }

  get #optimizer(): RMSprop | LossScaleOptimizer {
    return this.#outer ?? this.#inner;
  }

  #createOptimizer(): RMSprop {
    const { callable, config, exclude } = this.#case;
    const optimizer = RMSprop.fromConfig(config);
    if (callable) optimizer.learningRate = () => callable[this.#call] ?? Number.NaN;
    if (!exclude) return optimizer;
    const variables = (exclude.variables ?? []).map((i) => this.#variable(i));
    optimizer.excludeFromWeightDecay({ variables, names: exclude.names ?? [] });
    return optimizer;
  }

  async #setWeights(given: Readonly<Record<string, number>>): Promise<void> {
    const names = this.#optimizer.variables.map(({ path }) => path.split("/").at(-1) ?? "");
    const weights = (await this.#inner.getWeights()).map(({ name, tensor }, i): NamedTensor => {
      const stream = streamOf(this.#case.seed, 1000 + this.#call, i);
      const value = given[names[i] ?? ""];
      const values = value === undefined ? fill(tensor.size, "float32", "positive", stream) : [value];
      return { name, tensor: tf.tensor(values as Float32Array, tensor.shape, tensor.dtype) };
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
    const spec = this.#case.variables[index];
    if (!spec || step.none?.includes(index)) return null;
    const regime = step.regimes?.[index] ?? spec.gradient;
    const stream = streamOf(this.#case.seed, spec.frozen ? 1 : this.#call + 1, index);
    return tf.tensor(fill(sizeOf(spec.shape), "float32", regime, stream) as Float32Array, [...spec.shape]);
  }

  #variable(index: number): tf.Variable {
    const variable = this.#variables[index];
    if (variable === undefined) throw new RangeError(`variable ${index} of ${this.#case.id}`);
    return variable;
  }

  /** The optimizer's variables with their values in the order of Keras, whatever order their variables came in. */
  async #state(): Promise<NamedArray[]> {
    const order = this.#case.end.paths.map((path) => path.split("/").at(-1) ?? "");
    const weights = await this.#optimizer.getWeights();
    const values = await Promise.all(weights.map(({ tensor }) => tensor.data()));
    const all = this.#optimizer.variables.map(({ name, dtype }, i) => {
      const value = values[i] ?? new Float32Array();
      return { name, value: dtype === "float32" ? (value as Float32Array) : Float64Array.from(value) };
    });
    const slots = all.filter(({ name }) => order.includes(name) && !COUNTERS.includes(name));
    const counters = all.filter((variable) => !slots.includes(variable));
    return [...counters, ...slots.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))];
  }

  async #arrays(): Promise<NamedArray[]> {
    const values = await Promise.all(this.#variables.map((variable) => variable.data<"float32">()));
    const own = this.#variables.map(({ name }, i) => ({ name, value: values[i] ?? new Float32Array() }));
    return [...own, ...(await this.#state())];
  }
}

const COUNTERS: readonly string[] = ["iteration", "learning_rate", "step_counter", "dynamic_scale"];

function scheduleOf({ class_name, config }: Serialized): schedules.LearningRateSchedule {
  const entry = Object.entries(schedules).find(([name]) => name === class_name)?.[1];
  return (entry as typeof schedules.ExponentialDecay).fromConfig(config);
}
