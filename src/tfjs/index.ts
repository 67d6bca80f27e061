/** Keras' RMSprop for TensorFlow.js. @module rmsprop/tfjs */

export type { RMSpropOptions } from "../optimizers/rmsprop.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export { type AnyOptimizer, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export type { StepCounts } from "./engine/engine.js";
export { FinalizeCallback, fit, fitDataset } from "./fit.js";
export type { ValueAndGradients } from "./loss.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { Optimizer } from "./optimizer.js";
export { register } from "./register.js";
export { RMSprop } from "./rmsprop.js";
export type { NamedTensor } from "./state/weights.js";
