/** Keras' optimizers for jax-js. @module rmsprop/jax */

import { ADADELTA, type AdadeltaHyper, type AdadeltaOptions } from "../optimizers/adadelta.js";
import { ADAGRAD, type AdagradHyper, type AdagradOptions } from "../optimizers/adagrad.js";
import { ADAM, type AdamHyper, type AdamOptions } from "../optimizers/adam.js";
import { ADAMAX, type AdamaxHyper, type AdamaxOptions } from "../optimizers/adamax.js";
import { ADAMW, type AdamWOptions } from "../optimizers/adamw.js";
import { FTRL, type FtrlHyper, type FtrlOptions } from "../optimizers/ftrl.js";
import { LION, type LionHyper, type LionOptions } from "../optimizers/lion.js";
import { NADAM, type NadamHyper, type NadamOptions } from "../optimizers/nadam.js";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import {
  SCHEDULE_FREE_ADAMW,
  type ScheduleFreeAdamWHyper,
  type ScheduleFreeAdamWOptions,
} from "../optimizers/schedule-free-adamw.js";
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

/** Keras' Adagrad over Variables of this face, as in `"rmsprop"`. @class */
export const Adagrad: OptimizerClass<AdagradHyper, AdagradOptions> = /* @__PURE__ */ jaxClassOf(ADAGRAD);
export type Adagrad = Optimizer<AdagradHyper> & AdagradHyper;

/** Keras' Adadelta over Variables of this face, as in `"rmsprop"`. @class */
export const Adadelta: OptimizerClass<AdadeltaHyper, AdadeltaOptions> = /* @__PURE__ */ jaxClassOf(ADADELTA);
export type Adadelta = Optimizer<AdadeltaHyper> & AdadeltaHyper;

/** Keras' Adamax over Variables of this face, as in `"rmsprop"`. @class */
export const Adamax: OptimizerClass<AdamaxHyper, AdamaxOptions> = /* @__PURE__ */ jaxClassOf(ADAMAX);
export type Adamax = Optimizer<AdamaxHyper> & AdamaxHyper;

/** Keras' Nadam over Variables of this face, as in `"rmsprop"`. @class */
export const Nadam: OptimizerClass<NadamHyper, NadamOptions> = /* @__PURE__ */ jaxClassOf(NADAM);
export type Nadam = Optimizer<NadamHyper> & NadamHyper;

/** Keras' Ftrl over Variables of this face, as in `"rmsprop"`. @class */
export const Ftrl: OptimizerClass<FtrlHyper, FtrlOptions> = /* @__PURE__ */ jaxClassOf(FTRL);
export type Ftrl = Optimizer<FtrlHyper> & FtrlHyper;

/** Keras' ScheduleFreeAdamW over Variables of this face, as in `"rmsprop"`. @class */
export const ScheduleFreeAdamW: OptimizerClass<ScheduleFreeAdamWHyper, ScheduleFreeAdamWOptions> =
  /* @__PURE__ */ jaxClassOf(SCHEDULE_FREE_ADAMW);
export type ScheduleFreeAdamW = Optimizer<ScheduleFreeAdamWHyper> & ScheduleFreeAdamWHyper;

export type { AdadeltaOptions } from "../optimizers/adadelta.js";
export type { AdagradOptions } from "../optimizers/adagrad.js";
export type { AdamOptions } from "../optimizers/adam.js";
export type { AdamaxOptions } from "../optimizers/adamax.js";
export type { AdamWOptions } from "../optimizers/adamw.js";
export type { FtrlOptions } from "../optimizers/ftrl.js";
export type { LionOptions } from "../optimizers/lion.js";
export type { NadamOptions } from "../optimizers/nadam.js";
export type { RMSpropOptions } from "../optimizers/rmsprop.js";
export type { ScheduleFreeAdamWOptions } from "../optimizers/schedule-free-adamw.js";
export type { SGDOptions } from "../optimizers/sgd.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export type { JaxEngineName as EngineName } from "./engine.js";
export type { GraphLearningRate, ScheduleFunction } from "./learning-rate.js";
export { MultiOptimizer, type MultiOptions } from "./multi/multi-optimizer.js";
export {
  type MultiOptimizerState,
  type MultiTransformation,
  multiOptimizer,
} from "./multi/multi-transformation.js";
export { OptimizerMap } from "./multi/optimizer-map.js";
export { defineOptimizer, Optimizer, type OptimizerClass } from "./optimizer-class.js";
export {
  type AdadeltaState,
  type AdagradState,
  type AdamaxState,
  type AdamState,
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  type FtrlState,
  ftrl,
  type LionState,
  lion,
  type NadamState,
  nadam,
  type RMSpropState,
  rmsprop,
  type ScheduleFreeAdamWState,
  type SGDState,
  scheduleFreeAdamw,
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
