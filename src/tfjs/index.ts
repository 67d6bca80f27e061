/** Keras' optimizers for TensorFlow.js. @module rmsprop/tfjs */

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
import { type Optimizer, type OptimizerClass, tensorClassOf } from "./optimizer-class.js";

/**
 * Keras' RMSprop as a `tf.Optimizer`: for `model.compile({ optimizer: new RMSprop() })`, `minimize` and `applyGradients`.
 *
 * The same rule, options and defaults as in `"rmsprop"`, on every backend of TensorFlow.js.
 *
 * @class
 */
export const RMSprop: OptimizerClass<RMSpropHyper, RMSpropOptions> = /* @__PURE__ */ tensorClassOf(RMSPROP);
export type RMSprop = Optimizer<RMSpropHyper> & RMSpropHyper;

/** Keras' SGD as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const SGD: OptimizerClass<SGDHyper, SGDOptions> = /* @__PURE__ */ tensorClassOf(SGD_DEFINITION);
export type SGD = Optimizer<SGDHyper> & SGDHyper;

/** Keras' Adam as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const Adam: OptimizerClass<AdamHyper, AdamOptions> = /* @__PURE__ */ tensorClassOf(ADAM);
export type Adam = Optimizer<AdamHyper> & AdamHyper;

/** Keras' AdamW as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const AdamW: OptimizerClass<AdamHyper, AdamWOptions> = /* @__PURE__ */ tensorClassOf(ADAMW);
export type AdamW = Optimizer<AdamHyper> & AdamHyper;

/** Keras' Lion as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const Lion: OptimizerClass<LionHyper, LionOptions> = /* @__PURE__ */ tensorClassOf(LION);
export type Lion = Optimizer<LionHyper> & LionHyper;

/** Keras' Adagrad as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const Adagrad: OptimizerClass<AdagradHyper, AdagradOptions> = /* @__PURE__ */ tensorClassOf(ADAGRAD);
export type Adagrad = Optimizer<AdagradHyper> & AdagradHyper;

/** Keras' Adadelta as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const Adadelta: OptimizerClass<AdadeltaHyper, AdadeltaOptions> = /* @__PURE__ */ tensorClassOf(ADADELTA);
export type Adadelta = Optimizer<AdadeltaHyper> & AdadeltaHyper;

/** Keras' Adamax as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const Adamax: OptimizerClass<AdamaxHyper, AdamaxOptions> = /* @__PURE__ */ tensorClassOf(ADAMAX);
export type Adamax = Optimizer<AdamaxHyper> & AdamaxHyper;

/** Keras' Nadam as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const Nadam: OptimizerClass<NadamHyper, NadamOptions> = /* @__PURE__ */ tensorClassOf(NADAM);
export type Nadam = Optimizer<NadamHyper> & NadamHyper;

/** Keras' Ftrl as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const Ftrl: OptimizerClass<FtrlHyper, FtrlOptions> = /* @__PURE__ */ tensorClassOf(FTRL);
export type Ftrl = Optimizer<FtrlHyper> & FtrlHyper;

/** Keras' ScheduleFreeAdamW as a `tf.Optimizer`, as in `"rmsprop"`. @class */
export const ScheduleFreeAdamW: OptimizerClass<ScheduleFreeAdamWHyper, ScheduleFreeAdamWOptions> =
  /* @__PURE__ */ tensorClassOf(SCHEDULE_FREE_ADAMW);
export type ScheduleFreeAdamW = Optimizer<ScheduleFreeAdamWHyper> & ScheduleFreeAdamWHyper;

export type { CheckpointLimits, LoadOptions } from "../checkpoint/saved-run.js";
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
export { BackupAndRestore, type BackupAndRestoreOptions } from "./callbacks/backup/backup-and-restore.js";
export type { BackupStore } from "./callbacks/backup/backup-store.js";
export { EarlyStopping, type EarlyStoppingOptions } from "./callbacks/early-stopping.js";
export { FinalizeCallback } from "./callbacks/finalize-callback.js";
export { LearningRateScheduler, type LearningRateSchedulerOptions } from "./callbacks/learning-rate-scheduler.js";
export type { UnresolvedLogs } from "./callbacks/logs.js";
export type { MonitorMode, MonitorOptions } from "./callbacks/monitor-callback.js";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./callbacks/reduce-lr-on-plateau.js";
export { ModelCheckpoint, type ModelCheckpointOptions, type SaveModel } from "./callbacks/saving/model-checkpoint.js";
export type { SaveFrequency } from "./callbacks/saving/save-times.js";
export { SwapEMAWeights, type SwapEMAWeightsOptions } from "./callbacks/swap-ema-weights.js";
export { TerminateOnNaN, type TerminateOnNaNOptions } from "./callbacks/terminate-on-nan.js";
export { type AnyOptimizer, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export type { Constrainable } from "./constraints/layer-weights.js";
export type { StepCounts } from "./engine/engine.js";
export { fit, fitDataset } from "./fit.js";
export type { ValueAndGradients } from "./loss.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { MultiOptimizer, type MultiOptions, OptimizerMap } from "./multi/optimizer.js";
export { defineOptimizer, Optimizer, type OptimizerClass } from "./optimizer-class.js";
export { register } from "./register.js";
export type { NamedTensor } from "./state/weights.js";
