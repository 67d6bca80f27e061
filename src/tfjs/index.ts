/** Keras' RMSprop for TensorFlow.js. @module rmsprop/tfjs */
export type { LearningRateLike } from "../optimizer/learning-rate.js";
export type { RMSpropOptions } from "../optimizer/rmsprop.js";
export { type AnyOptimizer, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export type { StepCounts } from "./engine.js";
export { FinalizeCallback, fit, fitDataset } from "./fit.js";
export type { ValueAndGradients } from "./loss.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { Optimizer } from "./optimizer.js";
export { register } from "./register.js";
export { RMSprop } from "./rmsprop.js";
export type { NamedTensor } from "./weights.js";
