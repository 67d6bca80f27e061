// "rmsprop/tfjs": Keras' RMSprop for TensorFlow.js.
export type { LearningRateLike } from "../optimizer/learning-rate.js";
export type { RMSpropOptions } from "../optimizer/rmsprop.js";
export { loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export { FinalizeCallback, fit, fitDataset } from "./fit.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { Optimizer } from "./optimizer.js";
export { register } from "./register.js";
export { RMSprop } from "./rmsprop.js";
export type { NamedTensor } from "./weights.js";
