/** Keras' RMSprop for TensorFlow.js. @module rmsprop/tfjs */
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import type { Optimizer } from "./optimizer.js";
import { defineOptimizer, type OptimizerClass } from "./optimizer-class.js";

/**
 * Keras' RMSprop as a `tf.Optimizer`: for `model.compile({ optimizer: new RMSprop() })`, `minimize` and `applyGradients`.
 *
 * The same rule, options and defaults as in `"rmsprop"`, on every backend of TensorFlow.js.
 *
 * @class
 */
export const RMSprop: OptimizerClass<RMSpropHyper, RMSpropOptions> = /* @__PURE__ */ defineOptimizer(RMSPROP);
export type RMSprop = Optimizer<RMSpropHyper> & RMSpropHyper;

export type { RMSpropOptions } from "../optimizers/rmsprop.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export { type AnyOptimizer, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export type { StepCounts } from "./engine/engine.js";
export { FinalizeCallback, fit, fitDataset } from "./fit.js";
export type { ValueAndGradients } from "./loss.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { Optimizer } from "./optimizer.js";
export { defineOptimizer, type OptimizerClass } from "./optimizer-class.js";
export { register } from "./register.js";
export type { NamedTensor } from "./state/weights.js";
