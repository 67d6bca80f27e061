/** Keras' RMSprop for jax-js. @module rmsprop/jax */

export type { RMSpropOptions } from "../optimizers/rmsprop.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export type { JaxEngineName as EngineName } from "./engine.js";
export type { GraphLearningRate, ScheduleFunction } from "./learning-rate.js";
export { RMSprop } from "./rmsprop.js";
export {
  applyUpdates,
  type RMSpropState,
  rmsprop,
  type Transformation,
  type TransformationOptions,
} from "./transformation.js";
export type { GradientTree, Tree } from "./tree.js";
export { Variable, type VariableOptions } from "./variable.js";
