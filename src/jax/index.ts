// "rmsprop/jax": Keras' RMSprop for jax-js.
export type { GraphLearningRate, ScheduleFunction } from "./learning-rate.js";
export {
  applyUpdates,
  type RMSpropState,
  rmsprop,
  type Transformation,
  type TransformationOptions,
} from "./transformation.js";
