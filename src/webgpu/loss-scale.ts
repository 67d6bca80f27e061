// class LossScaleOptimizer of "rmsprop/webgpu": the device finds the scale, and leaves steps out.

import { StateError } from "../check/errors.js";
import { checkedLoss, evaluateLoss } from "../core/loss.js";
import { membersOn } from "../core/members.js";
import { OptimizerBase } from "../core/optimizer-base.js";
import { LOSS_SCALE_OPTIMIZER, lossScaleArgument } from "../core/scale/dynamic-scale.js";
import {
  badInner,
  holdScale,
  innerAndOptions,
  LossScaleMembers,
  type LossScaleOptions,
  scaleOf,
} from "../core/scale/loss-scale.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import { holdState } from "../core/state/own-state.js";
import { copiesOf, type SavedArray, type StateVariable, saveState } from "../core/state/state.js";
import { scaleVariables } from "../core/state/state-variables.js";
import { byClassName } from "../optimizers/index.js";
import { checkUsage, isBuffer } from "./buffers.js";
import type { GpuGradient, GpuLoss, GpuVariableLike } from "./gpu-face.js";
import { GpuOptimizer } from "./optimizer.js";
import { gpuClassOf, type Optimizer, type OptimizerClass } from "./optimizer-class.js";
import { type GpuRun, gpuRunOf } from "./run.js";
import { type GpuOptimizerVariable, ownStateOf, readableCounter } from "./state.js";

export type { LossScaleOptions } from "../core/scale/loss-scale.js";

const REMEDY = 'Pass an optimizer of "rmsprop/webgpu".';

type MembersClass = abstract new () => LossScaleMembers<Optimizer> &
  OptimizerBase<object, GpuVariableLike, GpuGradient>;

// It is an optimizer, and has been given the members.
const Base: MembersClass = /* @__PURE__ */ membersOn(OptimizerBase, LossScaleMembers) as MembersClass;

/**
 * Wraps an optimizer for gradients of a loss that was multiplied by a large factor. The device divides them by it, leaves
 * out a step whose gradients are not all finite, and finds the next factor; nothing is awaited. `encodeScale` puts the
 * factor where your loss can read it. Counters here are those of the last `settle()`.
 *
 * When a step depends on how many were taken - schedules, accumulation, overwriting by averages - `settle()` must be
 * awaited between steps. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer extends Base {
  readonly innerOptimizer: Optimizer;
  readonly #run: GpuRun;

  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    if (!(innerOptimizer instanceof GpuOptimizer)) throw badInner("innerOptimizer", innerOptimizer, REMEDY);
    super();
    holdScale(this, innerOptimizer, options);
    this.innerOptimizer = innerOptimizer;
    this.#run = gpuRunOf(this);
    holdState(this, { ...ownStateOf(this.#run), argument: lossScaleArgument, list: () => this.variables });
  }

  /** Its own variables in Keras' order, then all of the inner optimizer. */
  get variables(): GpuOptimizerVariable[] {
    const own = this.#own().map((each) => readableCounter(each, this.#run));
    return [...own, ...this.innerOptimizer.variables];
  }

  /** That of the inner optimizer. */
  get gradientNorm(): Promise<number | null> {
    return this.innerOptimizer.gradientNorm;
  }

  /** That of the inner optimizer. */
  gradientNormOf(variable: GpuVariableLike): Promise<number | null> {
    return this.innerOptimizer.gradientNormOf(variable);
  }

  /** One step with gradients of the scaled loss, or none when a gradient is not finite. */
  override apply(gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.#run.applyScaled(scaleOf(this), gradients, variables, 1);
  }

  /** One step with the gradients that `loss` computes: those of the loss itself, not scaled. Returns its value. */
  minimize<T>(loss: () => GpuLoss<T>, variables?: readonly GpuVariableLike[]): T {
    const { value, gradients } = evaluateLoss(this.#run, lossScaleArgument("loss"), loss, "anything");
    this.#run.applyScaled(scaleOf(this), gradients, variables, null);
    return value;
  }

  /** As `apply`, into a command buffer of yours. Submit it before `settle()`. */
  encode(encoder: GPUCommandEncoder, gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.#run.applyScaled(scaleOf(this), gradients, variables, 1, encoder);
  }

  /** Copies the scale of the next step, a float32 number, to a buffer of yours with COPY_DST. */
  encodeScale(encoder: GPUCommandEncoder, buffer: GPUBuffer, byteOffset = 0): void {
    if (!isBuffer(buffer))
      throw lossScaleArgument("buffer").badKind("be a GPUBuffer", buffer, "Pass one with COPY_DST.");
    checkUsage(lossScaleArgument("buffer"), buffer, "COPY_DST", "Make the buffer with it.");
    const { buffer: from, offset = 0 } = this.#run.showScale(scaleOf(this));
    encoder.copyBufferToBuffer(from, offset, buffer, byteOffset, 4);
  }

  /** The loss to differentiate: a number, multiplied by the scale. Throws while the device alone knows the scale. */
  scaleLoss(loss: number): number {
    const checked = checkedLoss(lossScaleArgument("loss"), loss);
    if (this.#run.isDecided) return checked * this.dynamicScale;
    const problem = "only the device knows the scale of the next step";
    const remedy = "Await settle() first, or multiply by what encodeScale() copies.";
    throw new StateError(LOSS_SCALE_OPTIMIZER, `${problem}. ${remedy}`);
  }

  /** When the device has decided all steps: then counters and scale here are the true ones. */
  settle(): Promise<void> {
    return this.innerOptimizer.ready();
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(device: GPUDevice, config: KerasConfig, customObjects: CustomObjects = {}): LossScaleOptimizer {
    const classes = { ...byClassName(gpuClassOf), ...customObjects };
    const { type, config: inner, options } = innerAndOptions(config, classes);
    if (!isOfFace(type)) throw badInner("inner_optimizer", type, REMEDY);
    const optimizer = type.fromConfig(device, inner, customObjects) as Optimizer; // the class was looked at
    return new LossScaleOptimizer(optimizer, options);
  }

  /** Copies in Keras' order: iteration (0), learning rate (0), step counter, scale, then all inner variables. */
  async getWeights(): Promise<SavedArray[]> {
    const inner = await this.innerOptimizer.getWeights();
    return [...copiesOf(this.#own()), ...inner];
  }

  /** Stores what `getWeights` gives under "0", "1", ... */
  async saveOwnVariables(store: Record<string, SavedArray>): Promise<void> {
    saveState(lossScaleArgument("store"), await this.getWeights(), store);
  }

  #own(): StateVariable[] {
    const own = scaleVariables(this.name, scaleOf(this));
    return this.built ? own : own.slice(0, 2);
  }
}

/** Whether it is a class of optimizers over buffers of a device, with the constructor of every class. */
function isOfFace(type: unknown): type is OptimizerClass<object> {
  return typeof type === "function" && type.prototype instanceof GpuOptimizer;
}
