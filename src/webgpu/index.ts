/** Keras' RMSprop over GPUBuffers. @module rmsprop/webgpu */
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import type { Optimizer } from "./optimizer.js";
import { defineOptimizer, type OptimizerClass } from "./optimizer-class.js";

/**
 * Keras' RMSprop over GPUBuffers: the same rule, options and defaults as in `"rmsprop"`, one submit a step.
 *
 * @class
 * @example
 * const weights = new GpuVariable(device, new Float32Array(1000));
 * const optimizer = new RMSprop(device, { learningRate: 1e-3, clipnorm: 1 });
 * optimizer.apply([gradientBuffer], [weights]);
 */
export const RMSprop: OptimizerClass<RMSpropHyper, RMSpropOptions> = /* @__PURE__ */ defineOptimizer(RMSPROP);
export type RMSprop = Optimizer<RMSpropHyper> & RMSpropHyper;

export { StateError, StateMismatchError } from "../check/errors.js";
export type { SavedArray, Weight } from "../core/state/state.js";
export { GpuError, type GpuErrorReason } from "../engine/webgpu/errors.js";
export type { RMSpropOptions } from "../optimizers/rmsprop.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export type { GpuConstraint } from "./constraints.js";
export type { GpuGradient, GpuLoss, GpuVariableLike } from "./gpu-face.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { Optimizer } from "./optimizer.js";
export { defineOptimizer, type OptimizerClass } from "./optimizer-class.js";
export type { GpuOptimizerVariable } from "./state.js";
export { GpuVariable, type GpuVariableOptions } from "./variable.js";
