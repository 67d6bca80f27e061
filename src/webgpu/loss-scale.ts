// class LossScaleOptimizer of "rmsprop/webgpu": the device itself decides which steps are taken, and keeps the scale.
import { checkKnownKeys, checkName } from "../optimizer/checks.js";
import { DynamicScale, type DynamicScaleOptions } from "../optimizer/dynamic-scale.js";
import { badKind, StateError } from "../optimizer/errors.js";
import type { LearningRateLike } from "../optimizer/learning-rate.js";
import {
  checkSerialized,
  type KerasConfig,
  optionsFrom,
  serializeOptimizer,
  unknownClass,
} from "../optimizer/serialization.js";
import { loadState, type SavedArray, saveState, type Weight, weightsOf } from "../optimizer/state.js";
import { scaleVariables } from "../optimizer/state-variables.js";
import { checkUsage, isBuffer } from "./buffers.js";
import type { GpuGradient, GpuVariableLike } from "./inputs.js";
import { Optimizer } from "./optimizer.js";
import { RMSprop } from "./rmsprop.js";

/** The options of `LossScaleOptimizer`. */
export interface LossScaleOptions extends DynamicScaleOptions {
  /** A name without `/`. Default `"loss_scale_optimizer"`. */
  readonly name?: string;
}

const OWNER = "LossScaleOptimizer";

/**
 * Wraps an optimizer for gradients of a loss that was multiplied by a large factor. The device divides them by it, leaves
 * out a step whose gradients are not all finite, and finds the next factor; nothing is awaited. `encodeScale` puts the
 * factor where your loss can read it. Counters here are those of the last `settle()`.
 *
 * When a step depends on how many were taken - schedules, accumulation, overwriting by averages - `settle()` must be
 * awaited between steps. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer {
  readonly className: string = OWNER;
  readonly name: string;
  readonly innerOptimizer: Optimizer;
  readonly #scale: DynamicScale;

  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    if (!(innerOptimizer instanceof Optimizer)) {
      const requirement = "be an optimizer of this package";
      const remedy = 'Pass the RMSprop of "rmsprop/webgpu".';
      throw badKind({ owner: OWNER, argument: "innerOptimizer", requirement, received: innerOptimizer, remedy });
    }
    checkKnownKeys(OWNER, options, ["initialScale", "dynamicGrowthSteps", "name"]);
    this.name = checkName(OWNER, options.name ?? "loss_scale_optimizer");
    this.#scale = new DynamicScale(OWNER, options);
    this.innerOptimizer = innerOptimizer;
    innerOptimizer.lossScaleFactor = null;
  }

  /** The scale at the last `settle()`. */
  get dynamicScale(): number {
    return this.#scale.scale;
  }

  /** Finite steps since the scale was changed, at the last `settle()`. */
  get stepCounter(): number {
    return this.#scale.steps;
  }

  get learningRate(): number {
    return this.innerOptimizer.learningRate;
  }

  set learningRate(source: LearningRateLike) {
    this.innerOptimizer.learningRate = source;
  }

  /** The inner optimizer's updates; exact after `settle()`. */
  get iterations(): number {
    return this.innerOptimizer.iterations;
  }

  get built(): boolean {
    return this.innerOptimizer.built;
  }

  /** Makes the inner optimizer's state for these variables; the first `apply` does it, too. */
  build(variables: readonly GpuVariableLike[]): void {
    this.innerOptimizer.build(variables);
  }

  /** One step with gradients of the scaled loss, or none when a gradient is not finite. */
  apply(gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.innerOptimizer.applyScaled(this.#scale, gradients, variables, null);
  }

  /** As `apply`, into a command buffer of yours. Submit it before `settle()`. */
  encode(encoder: GPUCommandEncoder, gradients: readonly GpuGradient[], variables?: readonly GpuVariableLike[]): void {
    this.innerOptimizer.applyScaled(this.#scale, gradients, variables, encoder);
  }

  /** Copies the scale of the next step, a float32 number, to a buffer of yours with COPY_DST. */
  encodeScale(encoder: GPUCommandEncoder, buffer: GPUBuffer, byteOffset = 0): void {
    if (!isBuffer(buffer)) {
      const remedy = "Pass one with COPY_DST.";
      throw badKind({ owner: OWNER, argument: "buffer", requirement: "be a GPUBuffer", received: buffer, remedy });
    }
    checkUsage(OWNER, "buffer", buffer, "COPY_DST", "Make the buffer with it.");
    const { buffer: from, offset = 0 } = this.innerOptimizer.showScale(this.#scale);
    encoder.copyBufferToBuffer(from, offset, buffer, byteOffset, 4);
  }

  /** When the device has decided all steps: then counters and scale here are the true ones. */
  settle(): Promise<void> {
    return this.innerOptimizer.ready();
  }

  /** Replaces the variables by the inner optimizer's moving averages, if it has them. */
  finalizeVariableValues(variables?: readonly GpuVariableLike[]): void {
    this.innerOptimizer.finalizeVariableValues(variables);
  }

  /** Runs `fn` while the variables hold the inner optimizer's moving averages, and puts their values back. */
  withAverage<T>(fn: () => T): T {
    return this.innerOptimizer.withAverage(fn);
  }

  /** Keras' own JSON, the inner optimizer's within it. */
  getConfig(): KerasConfig {
    return {
      name: this.name,
      inner_optimizer: serializeOptimizer(this.innerOptimizer),
      initial_scale: this.#scale.initialScale,
      dynamic_growth_steps: this.#scale.growthSteps,
    };
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(device: GPUDevice, config: KerasConfig): LossScaleOptimizer {
    const { innerOptimizer, ...options } = optionsFrom(OWNER, config, {});
    const inner = checkSerialized(OWNER, "inner_optimizer", innerOptimizer);
    if (inner.class_name.toLowerCase() !== "rmsprop") throw unknownClass(OWNER, inner.class_name, ["RMSprop"]);
    return new LossScaleOptimizer(RMSprop.fromConfig(device, inner.config as KerasConfig), options);
  }

  /** Copies in Keras' order: iteration (0), learning rate (0), step counter, scale, then all inner variables. */
  async getWeights(): Promise<SavedArray[]> {
    const inner = await this.innerOptimizer.getWeights();
    return [
      ...scaleVariables(OWNER, this.name, this.#scale).map(({ dtype, shape, value }) => ({ dtype, shape, value })),
      ...inner,
    ];
  }

  /** Stores what `getWeights` gives under "0", "1", ... */
  async saveOwnVariables(store: Record<string, SavedArray>): Promise<void> {
    saveState(OWNER, await this.getWeights(), store);
  }

  /** Restores what `saveOwnVariables` stored. Throws StateMismatchError, with both lists, and changes nothing. */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    this.setWeights(weightsOf(OWNER, store));
  }

  /** Restores what `getWeights` gave. Throws and changes nothing when it does not fit. */
  setWeights(weights: readonly Weight[]): void {
    if (!this.built)
      throw new StateError(OWNER, "setWeights() needs to know the variables. Call build(variables) first.");
    const own = scaleVariables(OWNER, this.name, this.#scale);
    const before = own.map(({ value, shape }) => ({ value, shape }));
    loadState(OWNER, own, weights.slice(0, own.length));
    try {
      this.innerOptimizer.setWeights(weights.slice(own.length));
    } catch (error) {
      loadState(OWNER, own, before);
      throw error;
    }
  }

  /** Gives the memory of the inner optimizer's state back. */
  dispose(): void {
    this.innerOptimizer.dispose();
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
