// Runs a case of real Keras (test/oracle) with rmsprop/webgpu, as test/oracle/run-case.ts runs it with core.
import type { SavedArray } from "rmsprop";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Ftrl,
  type GpuConstraint,
  type GpuGradient,
  GpuVariable,
  Lion,
  LossScaleOptimizer,
  Nadam,
  type Optimizer,
  RMSprop,
  ScheduleFreeAdamW,
  SGD,
} from "rmsprop/webgpu";
import { type Case, CLASS_NAMES, type ClassName, type StepSpec } from "../oracle/case.js";
import {
  comparable,
  exclusionOf,
  gradientAt,
  hashOf,
  initialValues,
  itemAt,
  orderOf,
  weightsAt,
} from "../oracle/case-data.js";
import type { NamedArray, Outcome } from "../oracle/compare.js";
import { constraintOf, scheduleOf } from "../oracle/run-case.js";
import { bufferOf } from "./device.js";

/** Whether a case stays within what buffers of a device have: float32, and nothing that only Variables of core do. */
export function runsOnBuffers({ dtype, variables }: Case): boolean {
  return dtype === "float32" && variables.every(({ overwrite }) => !overwrite);
}

/** What a run leaves, for comparison with Keras or with core. */
export async function outcomeOf(device: GPUDevice, testCase: Case): Promise<Outcome> {
  const run = new CaseRun(device, testCase);
  try {
    return await run.outcome();
  } finally {
    run.dispose();
  }
}

type AnyClass = { fromConfig(device: GPUDevice, config: Case["config"]): Optimizer };
const CLASSES: Readonly<Record<ClassName, AnyClass>> = {
  ...{ RMSprop, SGD, Adam, AdamW, Lion },
  ...{ Adagrad, Adadelta, Adamax, Nadam, Ftrl, ScheduleFreeAdamW },
};

class CaseRun {
  readonly #device: GPUDevice;
  readonly #case: Case;
  readonly #variables: readonly GpuVariable[];
  // The order that the optimizer knows: that of build, or of the first call.
  readonly #order: readonly number[];
  #inner: Optimizer;
  #outer: LossScaleOptimizer | null = null;
  #call = 0;

  constructor(device: GPUDevice, testCase: Case) {
    this.#device = device;
    this.#case = testCase;
    this.#variables = initialValues(testCase).map(({ name, shape, value }, i) => {
      const { constraint } = testCase.variables[i] ?? {};
      const own = constraint ? (constraintOf(constraint) as GpuConstraint) : null; // the fixtures have those of Keras
      return new GpuVariable(device, value, { shape, name, constraint: own });
    });
    this.#order = orderOf(testCase);
    this.#inner = this.#createOptimizer();
    if (testCase.scale) {
      const { initial_scale: initialScale, dynamic_growth_steps: dynamicGrowthSteps, name } = testCase.scale;
      this.#outer = new LossScaleOptimizer(this.#inner, { initialScale, dynamicGrowthSteps, name });
    }
    if (testCase.build) this.#optimizer.build(this.#ordered());
  }

  async outcome(): Promise<Outcome> {
    const hashes: string[] = [];
    let arrays: NamedArray[] = [];
    for (const [call, step] of this.#case.steps.entries()) {
      this.#call = call;
      await this.#before(step);
      this.#apply(step);
      if (step.finalize) this.#optimizer.finalizeVariableValues(this.#ordered());
      arrays = await this.#arrays();
      hashes.push(hashOf(this.#case, call, arrays));
    }
    const { iterations, learningRate } = this.#optimizer;
    return { hashes, arrays, paths: this.#listed().map(({ path }) => path), iterations, learningRate };
  }

  dispose(): void {
    this.#inner.dispose();
    for (const variable of this.#variables) variable.dispose();
  }

  get #optimizer(): Optimizer | LossScaleOptimizer {
    return this.#outer ?? this.#inner;
  }

  #createOptimizer(): Optimizer {
    const { kind, callable, config } = this.#case;
    const optimizer = CLASSES[CLASS_NAMES[kind]].fromConfig(this.#device, config);
    if (callable) optimizer.learningRate = () => callable[this.#call] ?? Number.NaN;
    const exclusion = exclusionOf(this.#case, this.#variables);
    if (exclusion !== null) optimizer.excludeFromWeightDecay(exclusion);
    return optimizer;
  }

  async #before(step: StepSpec): Promise<void> {
    if (step.learning_rate !== undefined) this.#optimizer.learningRate = step.learning_rate;
    if (step.schedule) this.#optimizer.learningRate = scheduleOf(step.schedule);
    if (step.weights) this.#inner.setWeights(weightsAt(this.#case, this.#call, step.weights, this.#inner.variables));
    if (step.reload) await this.#reload();
  }

  async #reload(): Promise<void> {
    const old = this.#inner;
    const store: Record<string, SavedArray> = {};
    await old.saveOwnVariables(store);
    this.#inner = this.#createOptimizer();
    old.dispose();
    this.#inner.build(this.#ordered());
    this.#inner.loadOwnVariables(store);
  }

  #apply(step: StepSpec): void {
    const indices = step.use ?? this.#order;
    const gradients = indices.map((i) => this.#gradient(step, i));
    const used = indices.map((i) => this.#variable(i));
    if (this.#case.mode === "pairs" && this.#outer === null) {
      this.#inner.applyGradients(used.map((variable, i) => [gradients[i] ?? null, variable]));
    } else if (step.use || !this.#optimizer.built) this.#optimizer.apply(gradients, used);
    else this.#optimizer.apply(gradients);
  }

  #gradient(step: StepSpec, index: number): GpuGradient {
    const gradient = gradientAt(this.#case, step, this.#call, index);
    return gradient && bufferOf(this.#device, gradient.value);
  }

  #variable(index: number): GpuVariable {
    return itemAt(this.#case, this.#variables, index);
  }

  #ordered(): GpuVariable[] {
    return this.#order.map((i) => this.#variable(i));
  }

  #listed(): { readonly name: string; readonly path: string }[] {
    const inner = this.#inner.variables;
    const { scale } = this.#case;
    if (scale === undefined) return inner;
    const own = ["iteration", "learning_rate", "step_counter", "dynamic_scale"];
    return [...own.map((name) => ({ name, path: `${scale.name}/${name}` })), ...inner];
  }

  async #arrays(): Promise<NamedArray[]> {
    const state = await this.#optimizer.getWeights();
    const values = await Promise.all(this.#variables.map((variable) => variable.read()));
    const own = values.map((value, i) => ({ name: this.#variable(i).name, value }));
    return [...own, ...state.map((each, i) => ({ name: this.#listed()[i]?.name ?? "", value: comparable(each) }))];
  }
}
