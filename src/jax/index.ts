/** Keras' optimizers for jax-js. @module rmsprop/jax */
import { ADAM, type AdamHyper, type AdamOptions } from "../optimizers/adam.js";
import { ADAMW, type AdamWOptions } from "../optimizers/adamw.js";
import { LION, type LionHyper, type LionOptions } from "../optimizers/lion.js";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import { SGD_DEFINITION, type SGDHyper, type SGDOptions } from "../optimizers/sgd.js";
import { jaxClassOf, type Optimizer, type OptimizerClass } from "./optimizer-class.js";

/**
 * Keras' RMSprop over Variables of this face; names and state as in `"rmsprop"`. An `apply` that throws has changed nothing.
 *
 * @class
 * @example
 * const v = new Variable(10);
 * new RMSprop({ learningRate: 0.1 }).minimize(() => np.square(v.ref).div(2), [v]);
 * `${v}`; // 9.683772
 */
export const RMSprop: OptimizerClass<RMSpropHyper, RMSpropOptions> = /* @__PURE__ */ jaxClassOf(RMSPROP);
export type RMSprop = Optimizer<RMSpropHyper> & RMSpropHyper;

/** Keras' SGD over Variables of this face, as in `"rmsprop"`. @class */
export const SGD: OptimizerClass<SGDHyper, SGDOptions> = /* @__PURE__ */ jaxClassOf(SGD_DEFINITION);
export type SGD = Optimizer<SGDHyper> & SGDHyper;

/** Keras' Adam over Variables of this face, as in `"rmsprop"`. @class */
export const Adam: OptimizerClass<AdamHyper, AdamOptions> = /* @__PURE__ */ jaxClassOf(ADAM);
export type Adam = Optimizer<AdamHyper> & AdamHyper;

/** Keras' AdamW over Variables of this face, as in `"rmsprop"`. @class */
export const AdamW: OptimizerClass<AdamHyper, AdamWOptions> = /* @__PURE__ */ jaxClassOf(ADAMW);
export type AdamW = Optimizer<AdamHyper> & AdamHyper;

/** Keras' Lion over Variables of this face, as in `"rmsprop"`. @class */
export const Lion: OptimizerClass<LionHyper, LionOptions> = /* @__PURE__ */ jaxClassOf(LION);
export type Lion = Optimizer<LionHyper> & LionHyper;

export type { AdamOptions } from "../optimizers/adam.js";
export type { AdamWOptions } from "../optimizers/adamw.js";
export type { LionOptions } from "../optimizers/lion.js";
export type { RMSpropOptions } from "../optimizers/rmsprop.js";
export type { SGDOptions } from "../optimizers/sgd.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export type { JaxEngineName as EngineName } from "./engine.js";
export type { GraphLearningRate, ScheduleFunction } from "./learning-rate.js";
export { defineOptimizer, Optimizer, type OptimizerClass } from "./optimizer-class.js";
export {
  type AdamState,
  adam,
  adamw,
  type LionState,
  lion,
  type RMSpropState,
  rmsprop,
  type SGDState,
  sgd,
  type TransformationOptions,
} from "./pure.js";
export {
  applyUpdates,
  defineTransformation,
  type GraphOptions,
  type Transformation,
  type TransformationState,
} from "./transformation.js";
export type { GradientTree, Tree } from "./tree.js";
export { Variable, type VariableOptions } from "./variable.js";
