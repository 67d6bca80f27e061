/** Keras' RMSprop over GPUBuffers. @module rmsprop/webgpu */

export { StateError, StateMismatchError } from "../check/errors.js";
export type { SavedArray, Weight } from "../core/state/state.js";
export { GpuError, type GpuErrorReason } from "../engine/webgpu/errors.js";
export type { RMSpropOptions } from "../optimizers/rmsprop.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export type { GpuConstraint } from "./constraints.js";
export type { GpuGradient, GpuLoss, GpuVariableLike } from "./inputs.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { Optimizer } from "./optimizer.js";
export { RMSprop } from "./rmsprop.js";
export type { GpuOptimizerVariable } from "./state.js";
export { GpuVariable, type GpuVariableOptions } from "./variable.js";
