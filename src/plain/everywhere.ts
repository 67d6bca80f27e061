// What "rmsprop" exports on every platform: all but `setThreads`.

// React Native's Babel preset does not know `export * as`.
import * as constraints from "../constraints/index.js";
import * as schedules from "../schedules/index.js";

export { constraints, schedules };

// Who computes.

export { type EngineName, setEngine } from "../engine/default-engine.js";
export type { FloatArray } from "../engine/engine.js";
export { MemoryError } from "../engine/wasm/memory/arena.js";
export { WorkerLostError } from "../engine/wasm/threads/worker-lost.js";

// Optimizers, and what they take.

export { StateError, StateMismatchError } from "../check/errors.js";
export type { NestedNumbers } from "../core/nested-numbers.js";
export type { DynamicScaleOptions } from "../core/scale/dynamic-scale.js";
export type { OptimizerVariable, SavedArray, Weight } from "../core/state/state.js";
export type { DecayExclusion } from "../core/weight-decay.js";
export type { AdadeltaHyper, AdadeltaOptions, AdadeltaOwn } from "../optimizers/adadelta.js";
export type { AdagradHyper, AdagradOptions, AdagradOwn } from "../optimizers/adagrad.js";
export type { AdamHyper, AdamOptions, AdamOwn } from "../optimizers/adam.js";
export type { AdamaxHyper, AdamaxOptions, AdamaxOwn } from "../optimizers/adamax.js";
export type { AdamWOptions } from "../optimizers/adamw.js";
export type { BaseOptions, OptimizerOptions } from "../optimizers/base-options.js";
export type { FtrlHyper, FtrlOptions, FtrlOwn } from "../optimizers/ftrl.js";
export type { LionHyper, LionOptions, LionOwn } from "../optimizers/lion.js";
export type { NadamHyper, NadamOptions, NadamOwn } from "../optimizers/nadam.js";
export type { RMSpropHyper, RMSpropOptions, RMSpropOwn } from "../optimizers/rmsprop.js";
export type {
  ScheduleFreeAdamWHyper,
  ScheduleFreeAdamWOptions,
  ScheduleFreeAdamWOwn,
} from "../optimizers/schedule-free-adamw.js";
export type { SGDHyper, SGDOptions, SGDOwn } from "../optimizers/sgd.js";
export type { DType } from "../rule/plan.js";
export { LearningRateSchedule } from "../schedules/index.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Ftrl,
  Lion,
  Nadam,
  RMSprop,
  ScheduleFreeAdamW,
  SGD,
} from "./classes.js";
export type { Gradient, LossAndGradients } from "./inputs/gradients.js";
export type { HalfGradient } from "./inputs/half-gradients.js";
export type { Exclusion, VariableLike } from "./inputs/targets.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./loss-scale.js";
export { MultiOptimizer, type MultiOptions, OptimizerMap } from "./multi/optimizer.js";
export { Variable, type VariableOptions, type VariableValue } from "./variable.js";

// Configs and checkpoints.

export type { CheckpointLimits, LoadOptions } from "../checkpoint/saved-run.js";
export type { CustomObjects, KerasConfig, SerializedObject } from "../core/serialization.js";
export { type LoadedCheckpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export { type AnyOptimizer, deserialize, get, serialize } from "./registry.js";

// Optimizers of your own.

export type { NumberRule } from "../check/argument.js";
export type {
  BooleanOption,
  ChoiceOption,
  Hyper,
  Moved,
  Namesake,
  Now,
  NumberOption,
  OptimizerDefinition,
  Option,
  Options,
  OptionsOf,
  Values,
} from "../optimizers/definition.js";
export { type Ops, type ScalarOps, sign } from "../rule/ops.js";
export { defineRule, type Inputs, type Outputs, type Rule, type Scalars } from "../rule/rule.js";
export { defineOptimizer, Optimizer, type OptimizerClass } from "./optimizer-class.js";
