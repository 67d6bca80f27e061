/** Keras' optimizers over GPUBuffers. @module rmsprop/webgpu */

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
import { gpuClassOf, type Optimizer, type OptimizerClass } from "./optimizer-class.js";

/**
 * Keras' RMSprop over GPUBuffers: the same rule, options and defaults as in `"rmsprop"`, one submit a step.
 *
 * @class
 * @example
 * const weights = new GpuVariable(device, new Float32Array(1000));
 * const optimizer = new RMSprop(device, { learningRate: 1e-3, clipnorm: 1 });
 * optimizer.apply([gradientBuffer], [weights]);
 */
export const RMSprop: OptimizerClass<RMSpropHyper, RMSpropOptions> = /* @__PURE__ */ gpuClassOf(RMSPROP);
export type RMSprop = Optimizer<RMSpropHyper> & RMSpropHyper;

/** Keras' SGD over GPUBuffers, as in `"rmsprop"`. @class */
export const SGD: OptimizerClass<SGDHyper, SGDOptions> = /* @__PURE__ */ gpuClassOf(SGD_DEFINITION);
export type SGD = Optimizer<SGDHyper> & SGDHyper;

/** Keras' Adam over GPUBuffers, as in `"rmsprop"`. @class */
export const Adam: OptimizerClass<AdamHyper, AdamOptions> = /* @__PURE__ */ gpuClassOf(ADAM);
export type Adam = Optimizer<AdamHyper> & AdamHyper;

/** Keras' AdamW over GPUBuffers, as in `"rmsprop"`. @class */
export const AdamW: OptimizerClass<AdamHyper, AdamWOptions> = /* @__PURE__ */ gpuClassOf(ADAMW);
export type AdamW = Optimizer<AdamHyper> & AdamHyper;

/** Keras' Lion over GPUBuffers, as in `"rmsprop"`. @class */
export const Lion: OptimizerClass<LionHyper, LionOptions> = /* @__PURE__ */ gpuClassOf(LION);
export type Lion = Optimizer<LionHyper> & LionHyper;

/** Keras' Adagrad over GPUBuffers, as in `"rmsprop"`. @class */
export const Adagrad: OptimizerClass<AdagradHyper, AdagradOptions> = /* @__PURE__ */ gpuClassOf(ADAGRAD);
export type Adagrad = Optimizer<AdagradHyper> & AdagradHyper;

/** Keras' Adadelta over GPUBuffers, as in `"rmsprop"`. @class */
export const Adadelta: OptimizerClass<AdadeltaHyper, AdadeltaOptions> = /* @__PURE__ */ gpuClassOf(ADADELTA);
export type Adadelta = Optimizer<AdadeltaHyper> & AdadeltaHyper;

/** Keras' Adamax over GPUBuffers, as in `"rmsprop"`. @class */
export const Adamax: OptimizerClass<AdamaxHyper, AdamaxOptions> = /* @__PURE__ */ gpuClassOf(ADAMAX);
export type Adamax = Optimizer<AdamaxHyper> & AdamaxHyper;

/** Keras' Nadam over GPUBuffers, as in `"rmsprop"`. @class */
export const Nadam: OptimizerClass<NadamHyper, NadamOptions> = /* @__PURE__ */ gpuClassOf(NADAM);
export type Nadam = Optimizer<NadamHyper> & NadamHyper;

/** Keras' Ftrl over GPUBuffers, as in `"rmsprop"`. @class */
export const Ftrl: OptimizerClass<FtrlHyper, FtrlOptions> = /* @__PURE__ */ gpuClassOf(FTRL);
export type Ftrl = Optimizer<FtrlHyper> & FtrlHyper;

/** Keras' ScheduleFreeAdamW over GPUBuffers, as in `"rmsprop"`. @class */
export const ScheduleFreeAdamW: OptimizerClass<ScheduleFreeAdamWHyper, ScheduleFreeAdamWOptions> =
  /* @__PURE__ */ gpuClassOf(SCHEDULE_FREE_ADAMW);
export type ScheduleFreeAdamW = Optimizer<ScheduleFreeAdamWHyper> & ScheduleFreeAdamWHyper;

export { StateError, StateMismatchError } from "../check/errors.js";
export type { SavedArray, Weight } from "../core/state/state.js";
export { GpuError, type GpuErrorReason } from "../engine/webgpu/errors.js";
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
export type { GpuConstraint } from "./constraints.js";
export type { GpuGradient, GpuLoss, GpuVariableLike } from "./gpu-face.js";
export type { GpuGradientBuffer } from "./gradient-buffers.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { defineOptimizer, Optimizer, type OptimizerClass } from "./optimizer-class.js";
export type { GpuOptimizerVariable } from "./state.js";
export { GpuVariable, type GpuVariableOptions } from "./variable.js";
