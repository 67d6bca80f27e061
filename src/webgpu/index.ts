/** Keras' RMSprop over GPUBuffers. @module rmsprop/webgpu */
export { GpuError, type GpuErrorReason } from "../engine/webgpu/errors.js";
export { StateError, StateMismatchError } from "../optimizer/errors.js";
export type { LearningRateLike } from "../optimizer/learning-rate.js";
export type { RMSpropOptions } from "../optimizer/rmsprop.js";
export type { SavedArray, Weight } from "../optimizer/state.js";
export type { GpuGradient, GpuLoss, GpuVariableLike } from "./inputs.js";
export type { GpuConstraint } from "./limits.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { Optimizer } from "./optimizer.js";
export { RMSprop } from "./rmsprop.js";
export type { GpuOptimizerVariable } from "./state.js";
export { GpuVariable, type GpuVariableOptions } from "./variable.js";
