// Runs a case of real Keras (test/oracle) with rmsprop/webgpu, as test/oracle/run-case.ts runs it with core.
import type { FloatArray, SavedArray } from "rmsprop";
import { type GpuGradient, GpuVariable, LossScaleOptimizer, RMSprop } from "rmsprop/webgpu";
import { canonical, digest, fill, streamOf } from "../oracle/bits.js";
import { type Case, type StepSpec, sizeOf } from "../oracle/case.js";
import { lostElements, type NamedArray, type Outcome } from "../oracle/compare.js";
import { scheduleOf } from "../oracle/run-case.js";
import { bufferOf } from "./device.js";

/** Whether a case stays within what buffers of a device have: float32, and nothing that only Variables of core do. */
export function runsOnBuffers({ kind, dtype, variables }: Case): boolean {
  return kind === "rmsprop" && dtype === "float32" && variables.every((spec) => !spec.constraint && !spec.overwrite);
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

class CaseRun {
  readonly #device: GPUDevice;
  readonly #case: Case;
  readonly #variables: readonly GpuVariable[];
  // The order that the optimizer knows: that of build, or of the first call.
  readonly #order: readonly number[];
  #inner: RMSprop;
  #outer: LossScaleOptimizer | null = null;
  #call = 0;

  constructor(device: GPUDevice, testCase: Case) {
    this.#device = device;
    this.#case = testCase;
    this.#variables = testCase.variables.map(({ name, shape, value }, i) => {
      const values = fill(sizeOf(shape), "float32", value, streamOf(testCase.seed, 0, i));
      return new GpuVariable(device, values, { shape, name });
    });
    const natural = testCase.variables.map((_, i) => i);
    this.#order = (testCase.build ? undefined : testCase.steps[0]?.use) ?? natural;
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
      hashes.push(digest(arrays.map(({ name, value }) => canonical(value, lostElements(this.#case, name, call)))));
    }
    const { iterations, learningRate } = this.#optimizer;
    return { hashes, arrays, paths: this.#listed().map(({ path }) => path), iterations, learningRate };
  }

  dispose(): void {
    this.#inner.dispose();
    for (const variable of this.#variables) variable.dispose();
  }

  get #optimizer(): RMSprop | LossScaleOptimizer {
    return this.#outer ?? this.#inner;
  }

  #createOptimizer(): RMSprop {
    const { callable, config, exclude } = this.#case;
    const optimizer = RMSprop.fromConfig(this.#device, config);
    if (callable) optimizer.learningRate = () => callable[this.#call] ?? Number.NaN;
    if (!exclude) return optimizer;
    const variables = (exclude.variables ?? []).map((i) => this.#variable(i));
    optimizer.excludeFromWeightDecay({ variables, names: exclude.names ?? [] });
    return optimizer;
  }

  async #before(step: StepSpec): Promise<void> {
    if (step.learning_rate !== undefined) this.#optimizer.learningRate = step.learning_rate;
    if (step.schedule) this.#optimizer.learningRate = scheduleOf(step.schedule);
    if (step.weights) this.#setWeights(step.weights);
    if (step.reload) await this.#reload();
  }

  #setWeights(given: Readonly<Record<string, number>>): void {
    const weights = this.#inner.variables.map(({ name, shape }, i) => {
      const stream = streamOf(this.#case.seed, 1000 + this.#call, i);
      const own = given[name];
      return {
        shape,
        value: own === undefined ? fill(sizeOf(shape), "float32", "positive", stream) : Float32Array.of(own),
      };
    });
    this.#inner.setWeights(weights);
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
    const spec = this.#case.variables[index];
    if (!spec || step.none?.includes(index)) return null;
    const regime = step.regimes?.[index] ?? spec.gradient;
    const stream = streamOf(this.#case.seed, spec.frozen ? 1 : this.#call + 1, index);
    return bufferOf(this.#device, fill(sizeOf(spec.shape), "float32", regime, stream));
  }

  #variable(index: number): GpuVariable {
    const variable = this.#variables[index];
    if (variable === undefined) throw new RangeError(`variable ${index} of ${this.#case.id}`);
    return variable;
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
    return [...own, ...this.#listed().map(({ name }, i) => ({ name, value: floats(state[i]) }))];
  }
}

/** Counters are compared as float64, whatever they are kept in. */
function floats({ dtype, value }: SavedArray = { dtype: "int32", shape: [], value: new Int32Array() }): FloatArray {
  return dtype === "float32" ? (value as Float32Array) : Float64Array.from(value);
}
