// class Optimizer of "rmsprop/webgpu": trainer.ts over buffers of a device. Arguments are checked in inputs.ts; there is no
// arithmetic here.
import type { GpuArray } from "../engine/webgpu/array.js";
import { WebGpuEngine } from "../engine/webgpu/engine.js";
import { checkFunction, checkNumberOrNull } from "../optimizer/checks.js";
import { type Config, type OptimizerOptions, resolveConfig } from "../optimizer/config.js";
import type { Hyper, OptimizerDefinition } from "../optimizer/definition.js";
import type { DynamicScale } from "../optimizer/dynamic-scale.js";
import { StateError } from "../optimizer/errors.js";
import { unzip } from "../optimizer/gradients.js";
import type { LearningRateLike } from "../optimizer/learning-rate.js";
import { LearningRateSchedule } from "../optimizer/schedules/index.js";
import { type CustomObjects, configOf, type KerasConfig, optionsFrom } from "../optimizer/serialization.js";
import { settle } from "../optimizer/settle.js";
import { loadState, type SavedArray, saveState, type Weight, weightsOf } from "../optimizer/state.js";
import { optimizerVariables } from "../optimizer/state-variables.js";
import { Trainer } from "../optimizer/trainer.js";
import { type Exclusion, excluder } from "../optimizer/weight-decay.js";
import { checkDevice, checkUsage } from "./buffers.js";
import { checkCount, type GpuGradient, GpuInputs, type GpuVariableLike, targetsOf } from "./inputs.js";
import { type GpuOptimizerVariable, readable, readVariables } from "./state.js";

/**
 * The base of the optimizers over GPUBuffers: everything around the update rule, as in core. A step is queued, never
 * awaited; what the device refuses is thrown by the next call, and by `ready()`.
 */
export class Optimizer<H extends Hyper = Hyper> {
  readonly name: string;
  readonly device: GPUDevice;
  readonly #definition: OptimizerDefinition;
  readonly #config: Config<H>;
  readonly #engine: WebGpuEngine;
  readonly #trainer: Trainer<GpuArray>;
  #inputs: GpuInputs | null = null;
  #decays: (name: string, key: object) => boolean = () => true;
  #averaged = false;
  #disposed = false;
  // The loss scale whose last steps the device has decided and nobody here knows, and the number of all such steps.
  #undecided: DynamicScale | null = null;
  #undecidedSteps = 0;

  constructor(device: GPUDevice, definition: OptimizerDefinition<H>, options: OptimizerOptions<H>) {
    this.#definition = definition;
    this.device = checkDevice(definition.className, device);
    this.#config = resolveConfig(definition, options);
    this.name = this.#config.name;
    this.#engine = new WebGpuEngine(this.device, definition.className, () => {
      if (this.#trainer.calls > 0) this.#trainer.calls--;
    });
    this.#trainer = new Trainer(this.#definition, this.#config, this.#engine);
  }

  /** The learning rate of the next update. Setting a number is refused while a schedule owns it, as in Keras. */
  get learningRate(): number {
    return this.#trainer.currentLearningRate();
  }

  set learningRate(source: LearningRateLike) {
    this.#trainer.learningRate.set(source);
  }

  /** Updates made so far; under a LossScaleOptimizer exact after its `settle()`, and before that those that were tried. */
  get iterations(): number {
    return this.#trainer.iterations;
  }

  /** Keras' name of the class, which configs use. */
  get className(): string {
    return this.#definition.className;
  }

  get built(): boolean {
    return this.#inputs !== null;
  }

  get engine(): string {
    return this.#engine.name;
  }

  /** By what the loss was multiplied, so that `apply` divides by it; null for nothing. */
  get lossScaleFactor(): number | null {
    return this.#trainer.lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    this.#trainer.lossScaleFactor = checkNumberOrNull(this.className, "lossScaleFactor", factor, { above: 0 });
  }

  /** Whether a step depends on how many were made: then a LossScaleOptimizer must know that before the next one. */
  get countsSteps(): boolean {
    const { gradientAccumulationSteps, useEma, emaOverwriteFrequency } = this.#config;
    const overwrites = useEma && !!emaOverwriteFrequency;
    const hasSchedule = this.#trainer.learningRate.source instanceof LearningRateSchedule;
    return hasSchedule || !!gradientAccumulationSteps || overwrites || this.#definition.perStep !== undefined;
  }

  /** The optimizer's own variables in Keras' order. */
  get variables(): GpuOptimizerVariable[] {
    const own = optimizerVariables(this.name, this.#trainer);
    return readable(own, this.#trainer, this.#engine, () => this.ready());
  }

  /** Makes the state for these variables. A second call does nothing, as in Keras. Called by the first `apply`. */
  build(variables: readonly GpuVariableLike[]): void {
    this.#checkUsable();
    if (this.#inputs) return;
    const targets = targetsOf(this.className, this.device, variables);
    this.#trainer.add(targets, ({ name, key }) => this.#decays(name, key));
    this.#inputs = new GpuInputs(this.className, this.device, this.#engine, this.#trainer);
  }

  /**
   * One step: queued at once as one command buffer.
   *
   * @param gradients one for each variable, in their order; `null` where there is none. They are read, not kept.
   * @param variables those that the optimizer was built with, or some of them, in any order; by default all. The first
   *   call builds the optimizer for them.
   */
  apply(gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.#checkDecided();
    this.#apply(gradients, variables, this.lossScaleFactor);
  }

  /** As `apply`, with pairs. Returns the number of calls so far. */
  applyGradients(pairs: Iterable<readonly [GpuGradient, GpuVariableLike]>): number {
    this.apply(...unzip(this.className, pairs));
    return this.#trainer.calls;
  }

  /**
   * As `apply`, into a command buffer of yours, outside of a pass. The step counts as made: submit the command buffer, and
   * in the order in which steps were encoded. What the device refuses about it, it tells you, not this optimizer.
   */
  encode(encoder: GPUCommandEncoder, gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.#checkDecided();
    this.#apply(gradients, variables, this.lossScaleFactor, encoder);
  }

  /**
   * For LossScaleOptimizer: a step that the device takes only if all gradients are finite, which are divided by the scale
   * that the device has. What it has decided is known after `settle`.
   *
   * @internal
   */
  applyScaled(
    scale: DynamicScale,
    gradients: readonly GpuGradient[],
    variables: readonly GpuVariableLike[] | undefined,
    encoder: GPUCommandEncoder | null,
  ): void {
    if (this.#undecided !== null && this.countsSteps) {
      const why =
        "this step depends on whether the last one was taken: its schedule, accumulation or overwriting counts";
      throw new StateError(this.className, `${why}. Await settle() before the next apply().`);
    }
    this.showScale(scale);
    this.#engine.guarded(scale.growthSteps, () => this.#apply(gradients, variables, 1, encoder));
    this.#undecided = scale;
    this.#undecidedSteps++;
  }

  /** For LossScaleOptimizer: gives the device the scale, unless it knows better; returns where it keeps the number. @internal */
  showScale({ scale, steps }: DynamicScale): GPUBufferBinding {
    this.#checkUsable();
    if (this.#undecided === null) this.#engine.writeScale({ scale, steps, calls: this.#trainer.calls });
    return this.#engine.scaleBinding;
  }

  /** When the device has done what was queued so far, and its decisions are known. Throws what it has refused. */
  async ready(): Promise<void> {
    this.#checkAlive();
    await this.#engine.ready();
    while (this.#undecided !== null) {
      const steps = this.#undecidedSteps;
      const state = await this.#engine.readScale();
      // Another step may have been queued meanwhile.
      if (this.#undecided === null || steps !== this.#undecidedSteps) continue;
      this.#trainer.calls = state.calls;
      this.#undecided.steps = state.steps;
      this.#undecided.scale = state.scale;
      this.#undecided = null;
    }
  }

  /** Replaces variables by their moving averages, by default all. Without `useEma` nothing happens. */
  finalizeVariableValues(variables?: readonly GpuVariableLike[]): void {
    this.#checkUsable();
    if (!this.#config.useEma) return;
    const inputs = this.#checkBuilt("finalizeVariableValues");
    if (variables) checkCount(this.className, "variables", variables, this.#trainer.targets.length);
    this.#checkCopies();
    for (const index of inputs.indicesOf(variables ?? this.#keys())) {
      const average = this.#trainer.averageOf(index);
      const target = this.#trainer.targets[index];
      if (target && average) this.#engine.copy(average, target.array);
    }
  }

  /**
   * Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does; when
   * it returns a promise, once that is settled.
   */
  withAverage<T>(fn: () => T): T {
    this.#checkBuilt("withAverage");
    if (!this.#config.useEma) throw new StateError(this.className, "withAverage needs averages. Pass useEma: true.");
    checkFunction(this.className, "fn", fn);
    this.#checkCopies();
    const restore = this.#trainer.showAverages();
    this.#averaged = true;
    return settle(fn, () => {
      this.#averaged = false;
      restore();
    });
  }

  /** Leaves variables out of weight decay; call it before the optimizer is built. `names` are searched in each name. */
  excludeFromWeightDecay(exclusion: Exclusion<GpuVariableLike>): void {
    if (this.built) {
      const problem = "excludeFromWeightDecay() must come before the optimizer is built. Call it first.";
      throw new StateError(this.className, problem);
    }
    this.#decays = excluder(this.className, exclusion);
  }

  /** Keras' own JSON for this optimizer, in snake_case and Keras' order. */
  getConfig(): KerasConfig {
    return configOf(this.#definition.className, this.#config, this.#trainer.learningRate.source, this.lossScaleFactor);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig<T>(
    this: new (
      device: GPUDevice,
      options: Readonly<Record<string, unknown>>,
    ) => T,
    device: GPUDevice,
    config: KerasConfig,
    customObjects: CustomObjects = {},
  ): T {
    return new this(device, optionsFrom(this.name, config, customObjects));
  }

  /** Copies of all own variables in the order of `variables`, after all steps queued so far. */
  async getWeights(): Promise<SavedArray[]> {
    await this.ready();
    return readVariables(optimizerVariables(this.name, this.#trainer), this.#trainer, this.#engine);
  }

  /** Stores copies of all own variables under "0", "1", ..., as Keras numbers them and as core stores them. */
  async saveOwnVariables(store: Record<string, SavedArray>): Promise<void> {
    saveState(this.className, await this.getWeights(), store);
  }

  /** Restores what `saveOwnVariables` stored, here or in core. Throws StateMismatchError and changes nothing. */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    this.setWeights(weightsOf(this.className, store));
  }

  /** Replaces all own variables, in the order of `variables`. Throws StateMismatchError and changes nothing. */
  setWeights(weights: readonly Weight[]): void {
    this.#checkBuilt("setWeights");
    this.#checkDecided();
    loadState(this.className, optimizerVariables(this.name, this.#trainer), weights);
  }

  /** Destroys the buffers of the state; variables are not touched. The optimizer cannot be used afterwards. */
  dispose(): void {
    if (this.#disposed) return;
    if (this.#averaged) this.#checkUsable();
    this.#release();
    this.#engine.dispose();
    this.#disposed = true;
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #apply(
    gradients: readonly GpuGradient[],
    variables: readonly GpuVariableLike[] | undefined,
    lossScale: number | null,
    encoder: GPUCommandEncoder | null = null,
  ): void {
    this.#checkUsable();
    const built = this.#inputs;
    if (!built) this.build(variables ?? this.#unbuilt());
    const inputs = this.#inputs ?? this.#unbuilt();
    const step = () => this.#trainer.apply(inputs.resolve(gradients, variables), inputs.gradients, lossScale);
    try {
      if (encoder === null) step();
      else this.#engine.recordInto(encoder, step);
    } catch (error) {
      if (!built) this.#release();
      throw error;
    }
  }

  #keys(): readonly GpuVariableLike[] {
    // `build` puts in nothing else.
    return this.#trainer.targets.map(({ key }) => key as GpuVariableLike);
  }

  /** Averages are copied into variables, and variables are kept meanwhile. */
  #checkCopies(): void {
    for (const { name, array } of this.#trainer.targets) {
      for (const flag of ["COPY_DST", "COPY_SRC"] as const) {
        checkUsage(this.className, name, array.buffer, flag, "Its average is copied into it: make the buffer with it.");
      }
    }
  }

  #checkAlive(): void {
    if (this.#disposed) throw new StateError(this.className, `${this.name} was disposed. Make a new one.`);
  }

  #checkUsable(): void {
    this.#checkAlive();
    this.#engine.check();
    if (!this.#averaged) return;
    throw new StateError(this.className, "variables hold their averages in withAverage(). Train after it has ended.");
  }

  #checkDecided(): void {
    if (this.#undecided === null) return;
    const problem = "it is not known yet whether the last step with a loss scale was taken. Await ready() first.";
    throw new StateError(this.className, problem);
  }

  #checkBuilt(method: string): GpuInputs {
    this.#checkUsable();
    this.#inputs?.checkAlive();
    return this.#inputs ?? this.#unbuilt(method);
  }

  #unbuilt(method = "apply"): never {
    const problem = `${method}() needs to know the variables, and the optimizer is not built`;
    throw new StateError(this.className, `${problem}. Call build(variables) first, or apply(gradients, variables).`);
  }

  #release(): void {
    this.#inputs?.dispose();
    this.#inputs = null;
    this.#trainer.dispose();
  }
}
