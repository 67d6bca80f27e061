// class Optimizer of "rmsprop/webgpu": a run over buffers of a device. Arguments are checked in gpu-face.ts; there is no
// arithmetic here.

import { Argument } from "../check/argument.js";
import { resolveConfig } from "../core/config.js";
import { checkedLoss, evaluateLoss, refuseNaN } from "../core/loss.js";
import { OptimizerBase } from "../core/optimizer-base.js";
import { holdRun } from "../core/run/run.js";
import { type CustomObjects, type KerasConfig, optionsFrom } from "../core/serialization.js";
import { holdState } from "../core/state/own-state.js";
import { type SavedArray, saveState } from "../core/state/state.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import { checkDevice } from "./buffers.js";
import type { GpuGradient, GpuLoss, GpuVariableLike } from "./gpu-face.js";
import { GpuRun } from "./run.js";
import { type GpuOptimizerVariable, ownStateOf, readableVariables, readValues } from "./state.js";

/** A class whose constructor takes a device and one object of options, which it checks. */
export type OnDevice<T, All> = new (device: GPUDevice, options: All) => T;

/** `Optimizer`, as this package itself uses it. */
export class GpuOptimizer<Own extends object = Hyper> extends OptimizerBase<Own, GpuVariableLike, GpuGradient> {
  readonly device: GPUDevice;
  readonly #run: GpuRun;

  constructor(device: GPUDevice, definition: OptimizerDefinition, options: OptimizerOptions<Own>) {
    const gpu = checkDevice(new Argument(definition.className, "device"), device);
    const run = new GpuRun(gpu, definition, resolveConfig(definition, options));
    super();
    this.device = gpu;
    this.#run = holdRun(this, run);
    holdState(this, ownStateOf(run));
  }

  /**
   * The norm of all gradients together in the last update that was taken, before they were clipped: of the loss itself, divided by its
   * scale, and under accumulation of their mean. Null before the first one, and without a clip by norm or `trackNorm`. Asked for, it is
   * copied after all that was queued so far.
   */
  get gradientNorm(): Promise<number | null> {
    return Promise.resolve(this.#run.state.norms?.all() ?? null);
  }

  /** The norm of one variable's gradient, as `gradientNorm`; null where it had none in the last update. */
  gradientNormOf(variable: GpuVariableLike): Promise<number | null> {
    return Promise.resolve(this.#run.gradientNormOf(variable));
  }

  /** The optimizer's own variables in Keras' order. */
  get variables(): GpuOptimizerVariable[] {
    return readableVariables(this.#run);
  }

  /**
   * One step: queued at once as one command buffer.
   *
   * @param gradients one for each variable, in their order; `null` where there is none. They are read, not kept.
   * @param variables those that the optimizer was built with, or some of them, in any order; by default all. The first
   *   call builds the optimizer for them.
   */
  override apply(gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.#run.apply(gradients, variables, this.lossScaleFactor);
  }

  /**
   * One step with the gradients that `loss` computes: those of the loss itself, not scaled. Returns its value. A number that is
   * NaN is a RangeError, and nothing changes, unless `skipNonFinite` has the gradients decide; what lies on the device is not read.
   */
  minimize<T>(loss: () => GpuLoss<T>, variables?: readonly GpuVariableLike[]): T {
    const skips = this.#run.config.skipNonFinite;
    if (!skips) this.#run.checkDecided();
    const argument = this.#run.state.argument("loss");
    const { value, gradients } = evaluateLoss(this.#run, argument, loss, "anything");
    if (!skips) refuseNaN(argument, value);
    this.#run.apply(gradients, variables, null);
    return value;
  }

  /** The loss to differentiate: a number, multiplied by `lossScaleFactor`, if there is one. */
  scaleLoss(loss: number): number {
    return checkedLoss(this.#run.state.argument("loss"), loss) * (this.lossScaleFactor ?? 1);
  }

  /**
   * As `apply`, into a command buffer of yours, outside of a pass. The step counts as made: submit the command buffer, and
   * in the order in which steps were encoded. What the device refuses about it, it tells you, not this optimizer.
   */
  encode(encoder: GPUCommandEncoder, gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.#run.apply(gradients, variables, this.lossScaleFactor, encoder);
  }

  /** When the device has done what was queued so far, and its decisions are known. Throws what it has refused. */
  ready(): Promise<void> {
    return this.#run.ready();
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig<T>(
    this: OnDevice<T, Readonly<Record<string, unknown>>>,
    device: GPUDevice,
    config: KerasConfig,
    customObjects: CustomObjects = {},
  ): T {
    return new this(device, optionsFrom(this, config, customObjects));
  }

  /** Copies of all own variables in the order of `variables`, after all steps queued so far. */
  async getWeights(): Promise<SavedArray[]> {
    await this.ready();
    return readValues(this.#run);
  }

  /** Stores copies of all own variables under "0", "1", ..., as Keras numbers them and `"rmsprop"` stores them. */
  async saveOwnVariables(store: Record<string, SavedArray>): Promise<void> {
    saveState(this.#run.state.argument("store"), await this.getWeights(), store);
  }
}
