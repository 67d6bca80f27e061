// class Optimizer of "rmsprop/webgpu": a RunState over buffers of a device. Arguments are checked in inputs.ts; there is no
// arithmetic here.

import { checkedItems } from "../check/arguments.js";
import { StateError } from "../check/errors.js";
import { type Config, resolveConfig } from "../core/config.js";
import { checkedLoss, evaluateLoss, refuseNaN } from "../core/loss.js";
import { OptimizerBase } from "../core/optimizer-base.js";
import { type Call, Calls, checkCount } from "../core/run/call.js";
import { RunState } from "../core/run/run-state.js";
import type { DynamicScale } from "../core/scale/dynamic-scale.js";
import { type CustomObjects, type KerasConfig, optionsFrom } from "../core/serialization.js";
import { loadState, type SavedArray, saveState, type Weight } from "../core/state/state.js";
import type { GpuArray } from "../engine/webgpu/array.js";
import { type GpuContext, PLAIN_STEP, WebGpuEngine } from "../engine/webgpu/engine.js";
import type { ArrayConstraint } from "../engine/webgpu/kernels.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import { LearningRateSchedule } from "../schedules/index.js";
import { checkDevice, checkUsage, isBuffer } from "./buffers.js";
import { arrayConstraintOf } from "./constraints.js";
import { GpuArguments, type GpuGradient, type GpuLoss, type GpuVariableLike, gpuTargetsOf } from "./gpu-arguments.js";
import { type GpuOptimizerVariable, readableVariables, readValues } from "./state.js";
import { GpuVariable } from "./variable.js";

/**
 * The base of the optimizers over GPUBuffers: everything around the update rule, as in `"rmsprop"`. A step is queued, never
 * awaited; what the device refuses is thrown by the next call, and by `ready()`.
 */
export class Optimizer<Own extends object = Hyper> extends OptimizerBase<Own, GpuVariableLike, GpuGradient, GpuArray> {
  readonly device: GPUDevice;
  readonly #definition: OptimizerDefinition;
  readonly #config: Config;
  readonly #engine: WebGpuEngine;
  readonly #run: RunState<GpuArray>;
  #inputs: Inputs | null = null;
  // Of each variable, its constraint as kernels take it.
  #constraints: readonly (ArrayConstraint | null)[] = [];
  // The loss scale whose last steps the device has decided and nobody here knows, and the number of all such steps.
  #undecided: DynamicScale | null = null;
  #undecidedSteps = 0;

  constructor(device: GPUDevice, definition: OptimizerDefinition, options: OptimizerOptions<Own>) {
    const gpu = checkDevice(definition.className, device);
    const config = resolveConfig(definition, options);
    const engine = new WebGpuEngine(gpu, definition.className, () => {
      if (run.calls > 0) run.calls--;
    });
    const run = new RunState<GpuArray>(definition, config, engine);
    super(config, run);
    this.device = gpu;
    this.#definition = definition;
    this.#config = config;
    this.#engine = engine;
    this.#run = run;
  }

  /** Updates made so far; under a LossScaleOptimizer exact after its `settle()`, and before that those that were tried. */
  override get iterations(): number {
    return super.iterations;
  }

  override get built(): boolean {
    return this.#inputs !== null;
  }

  /** Whether a step depends on how many were made: then a LossScaleOptimizer must know that before the next one. */
  get countsSteps(): boolean {
    const { gradientAccumulationSteps, useEma, emaOverwriteFrequency } = this.#config;
    const overwrites = useEma && !!emaOverwriteFrequency;
    const hasSchedule = this.#run.learningRate.source instanceof LearningRateSchedule;
    return hasSchedule || !!gradientAccumulationSteps || overwrites || this.#definition.perStep !== undefined;
  }

  /** The optimizer's own variables in Keras' order. */
  get variables(): GpuOptimizerVariable[] {
    return readableVariables(this, this.#run, this.#engine);
  }

  override build(variables: readonly GpuVariableLike[]): void {
    this.checkUsable();
    if (!this.#inputs) this.#build(variables);
  }

  #build(variables: readonly GpuVariableLike[]): Inputs {
    const targets = gpuTargetsOf(this.className, this.device, variables);
    this.add(targets);
    this.#constraints = this.trainedVariables.map((key) =>
      key instanceof GpuVariable && !key.overwriteWithGradient ? arrayConstraintOf(this.#engine, key) : null,
    );
    const gpu = new GpuArguments(this.className, this.device, this.#engine, this.#run);
    this.#inputs = { gpu, calls: new Calls(this.className, this.#run, gpu) };
    return this.#inputs;
  }

  /**
   * One step: queued at once as one command buffer.
   *
   * @param gradients one for each variable, in their order; `null` where there is none. They are read, not kept.
   * @param variables those that the optimizer was built with, or some of them, in any order; by default all. The first
   *   call builds the optimizer for them.
   */
  override apply(gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.checkDecided();
    this.#apply(gradients, variables, this.lossScaleFactor);
  }

  /**
   * One step with the gradients that `loss` computes: those of the loss itself, not scaled. Returns its value. A number that is
   * NaN is a RangeError, and nothing changes; what lies on the device is not read.
   */
  minimize<T>(loss: () => GpuLoss<T>, variables?: readonly GpuVariableLike[]): T {
    this.checkDecided();
    const { value, gradients } = this.evaluate(this.className, loss);
    refuseNaN(this.className, value);
    this.#apply(gradients, variables, null);
    return value;
  }

  /** The loss and its gradients; the loss function cannot change the optimizer. @internal */
  evaluate<T>(owner: string, loss: () => GpuLoss<T>): GpuLoss<T> {
    this.checkUsable();
    return this.#run.turn.during(owner, "loss", () => evaluateLoss(owner, loss, "anything"));
  }

  /** The loss to differentiate: a number, multiplied by `lossScaleFactor`, if there is one. */
  scaleLoss(loss: number): number {
    return checkedLoss(this.className, loss) * (this.lossScaleFactor ?? 1);
  }

  /**
   * As `apply`, into a command buffer of yours, outside of a pass. The step counts as made: submit the command buffer, and
   * in the order in which steps were encoded. What the device refuses about it, it tells you, not this optimizer.
   */
  encode(encoder: GPUCommandEncoder, gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.checkDecided();
    this.#apply(gradients, variables, this.lossScaleFactor, { encoder });
  }

  /**
   * For LossScaleOptimizer: a step that the device takes only if all gradients are finite, which are divided by the scale
   * that the device has if they are `isScaled`. What it has decided is known after `settle`.
   *
   * @internal
   */
  applyScaled(
    scale: DynamicScale,
    gradients: readonly GpuGradient[],
    variables: readonly GpuVariableLike[] | undefined,
    {
      isScaled = true,
      encoder = null,
    }: { readonly isScaled?: boolean; readonly encoder?: GPUCommandEncoder | null } = {},
  ): void {
    if (this.#undecided !== null && this.countsSteps) {
      const why =
        "this step depends on whether the last one was taken: its schedule, accumulation or overwriting counts";
      throw new StateError(this.className, `${why}. Await settle() before the next apply().`);
    }
    this.showScale(scale);
    this.#apply(gradients, variables, isScaled ? 1 : null, { encoder, growthSteps: scale.growthSteps });
    this.#undecided = scale;
    this.#undecidedSteps++;
  }

  /** For LossScaleOptimizer: gives the device the scale, unless it knows better; returns where it keeps the number. @internal */
  showScale({ scale, steps }: DynamicScale): GPUBufferBinding {
    this.checkUsable();
    if (this.#undecided === null) this.#engine.writeScale({ scale, steps, calls: this.#run.calls });
    return this.#engine.scaleBinding;
  }

  /** Whether all steps with a loss scale are known to have been taken or not. */
  get decided(): boolean {
    return this.#undecided === null;
  }

  /** Throws while they are not. @internal */
  checkDecided(): void {
    if (this.decided) return;
    const problem = "it is not known yet whether the last step with a loss scale was taken. Await ready() first.";
    throw new StateError(this.className, problem);
  }

  /** When the device has done what was queued so far, and its decisions are known. Throws what it has refused. */
  async ready(): Promise<void> {
    this.checkAlive();
    await this.#engine.ready();
    while (this.#undecided !== null) {
      const steps = this.#undecidedSteps;
      const state = await this.#engine.readScale();
      // Another step may have been queued meanwhile.
      if (this.#undecided === null || steps !== this.#undecidedSteps) continue;
      this.#run.calls = state.calls;
      this.#undecided.steps = state.steps;
      this.#undecided.scale = state.scale;
      this.#undecided = null;
    }
  }

  /** Replaces variables by their moving averages, by default all. Without `useEma` nothing happens. */
  finalizeVariableValues(variables?: readonly GpuVariableLike[]): void {
    this.checkUsable();
    if (!this.#config.useEma) return;
    const inputs = this.#checkBuilt("finalizeVariableValues");
    const list = checkedItems(this.className, "variables", variables ?? this.trainedVariables, BRACKETS);
    checkCount(this.className, "variables", list, this.#run.targets.length);
    this.#checkCopies();
    for (const index of inputs.calls.indicesOf(list)) {
      const average = this.#run.averageOf(index);
      const target = this.#run.targets[index];
      if (target && average) this.#engine.copy(average, target.array);
    }
  }

  /**
   * Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does; when
   * it returns a promise, once that is settled.
   */
  withAverage<T>(fn: () => T): T {
    return this.whileAveraged(fn, () => {
      this.#checkBuilt("withAverage");
      this.#checkCopies();
      return this.#run.showAverages();
    });
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
    return new this(device, optionsFrom(this, config, customObjects));
  }

  /** Copies of all own variables in the order of `variables`, after all steps queued so far. */
  async getWeights(): Promise<SavedArray[]> {
    await this.ready();
    return readValues(this.name, this.#run, this.#engine);
  }

  /** Stores copies of all own variables under "0", "1", ..., as Keras numbers them and `"rmsprop"` stores them. */
  async saveOwnVariables(store: Record<string, SavedArray>): Promise<void> {
    saveState(this.className, await this.getWeights(), store);
  }

  override setWeights(weights: readonly Weight[]): void {
    this.#checkBuilt("setWeights");
    this.restore(weights);
  }

  protected override restore(weights: readonly Weight[]): void {
    this.checkUsable();
    this.checkDecided();
    loadState(this.className, this.variables, weights, this.built);
  }

  override checkUsable(): void {
    super.checkUsable();
    this.#engine.check();
  }

  protected override isVariable(value: unknown): boolean {
    return value instanceof GpuVariable || isBuffer(value);
  }

  protected override free(): void {
    this.#release();
    this.#engine.dispose();
  }

  #apply(
    gradients: readonly GpuGradient[],
    variables: readonly GpuVariableLike[] | undefined,
    lossScale: number | null,
    context: Partial<GpuContext> = {},
  ): void {
    this.checkUsable();
    this.#run.turn.during(this.className, "step", () => {
      if (this.isNothing(gradients, variables)) return;
      const isBuilt = this.built;
      try {
        const calls = this.#taken(gradients, variables);
        this.#run.ask();
        this.#engine.check(); // after all that may run code of the user's
        this.#step(calls.resolve(), lossScale, { ...PLAIN_STEP, ...context });
      } catch (error) {
        if (!isBuilt) this.#release();
        throw error;
      } finally {
        this.#inputs?.calls.forget();
      }
    });
  }

  /** What holds the arguments of a step, which are taken if they are new. Builds the optimizer if it is not built. */
  #taken(gradients: readonly GpuGradient[], variables: readonly GpuVariableLike[] | undefined): Inputs["calls"] {
    if (this.#inputs?.calls.repeats(gradients, variables)) return this.#inputs.calls;
    const given = checkedItems(this.className, "gradients", gradients, "Pass one for each variable, in their order.");
    const wanted = variables === undefined ? undefined : checkedItems(this.className, "variables", variables, BRACKETS);
    const { calls } = this.#inputs ?? this.#build(wanted ?? this.unbuilt());
    calls.take(given, wanted);
    return calls;
  }

  #step(call: Call<GpuArray>, lossScale: number | null, context: GpuContext): void {
    const constraints = this.#constraintsOf(call);
    const copies = this.#inputs?.gpu.copiesFor(call) ?? [];
    this.#engine.run(this.#run.prepare(call, lossScale), { ...context, constraints, copies });
    this.#run.commit();
  }

  /** The constraints of the variables that have a gradient. */
  #constraintsOf({ indices, gradients }: Call<GpuArray>): ArrayConstraint[] {
    if (!this.#constraints.some((constraint) => constraint !== null)) return [];
    return indices.flatMap((index, i) => (gradients[i] === null ? [] : (this.#constraints[index] ?? [])));
  }

  /** Averages are copied into variables, and variables are kept meanwhile. */
  #checkCopies(): void {
    for (const { name, array } of this.#run.targets) {
      for (const flag of ["COPY_DST", "COPY_SRC"] as const) {
        checkUsage(this.className, name, array.buffer, flag, "Its average is copied into it: make the buffer with it.");
      }
    }
  }

  #checkBuilt(method: string): Inputs {
    this.checkUsable();
    this.#inputs?.gpu.checkAlive();
    return this.#inputs ?? this.unbuilt(method);
  }

  #release(): void {
    this.#inputs?.gpu.dispose();
    this.#inputs = null;
    for (const constraint of this.#constraints) if (constraint?.cells) this.#engine.free(constraint.cells);
    this.#constraints = [];
    this.#run.dispose();
  }
}

const BRACKETS = "Pass [variable], even for one.";

/** What reads the arguments of a step, as long as the optimizer is built. */
interface Inputs {
  readonly gpu: GpuArguments;
  readonly calls: Calls<GpuGradient, GpuVariableLike, GpuArray>;
}
