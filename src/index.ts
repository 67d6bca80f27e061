/** Everything that needs nothing but JavaScript: optimizers over numbers in memory. @module rmsprop */
// The maths is in rule/, what a user holds in optimizer/.

export { type EngineName, setEngine, setThreads } from "./engine/default.js";
export type { FloatArray } from "./engine/engine.js";
export { MemoryError } from "./engine/wasm/arena.js";
export { WorkerLostError } from "./engine/wasm/pool.js";
export { type LoadedCheckpoint, loadCheckpoint, saveCheckpoint } from "./optimizer/checkpoint.js";
export type { NumberRule } from "./optimizer/checks.js";
export type { BaseOptions, OptimizerOptions } from "./optimizer/config.js";
export * as constraints from "./optimizer/constraints.js";
export { defineOptimizer, type OptimizerClass } from "./optimizer/define.js";
export type { Hyper, OptimizerDefinition, OptimizerStep } from "./optimizer/definition.js";
export type { DynamicScaleOptions } from "./optimizer/dynamic-scale.js";
export { StateError, StateMismatchError } from "./optimizer/errors.js";
export type { Gradient } from "./optimizer/gradients.js";
export type { LearningRateLike } from "./optimizer/learning-rate.js";
export type { LossAndGradients } from "./optimizer/loss.js";
export { LossScaleOptimizer, type LossScaleOptions } from "./optimizer/loss-scale.js";
export type { NestedNumbers } from "./optimizer/nested.js";
export { Optimizer } from "./optimizer/optimizer.js";
export { type AnyOptimizer, deserialize, get, serialize } from "./optimizer/registry.js";
export { RMSprop, type RMSpropHyper, type RMSpropOptions } from "./optimizer/rmsprop.js";
export * as schedules from "./optimizer/schedules/index.js";
export { LearningRateSchedule } from "./optimizer/schedules/index.js";
export type { CustomObjects, KerasConfig, SerializedObject } from "./optimizer/serialization.js";
export type { OptimizerVariable, SavedArray, Weight } from "./optimizer/state.js";
export type { VariableLike } from "./optimizer/targets.js";
export { Variable, type VariableOptions, type VariableValue } from "./optimizer/variable.js";
export type { Exclusion } from "./optimizer/weight-decay.js";
export { type Ops, sign } from "./rule/ops.js";
export type { DType } from "./rule/plan.js";
export { defineRule, type Inputs, type Outputs, type Rule, type Scalars } from "./rule/rule.js";
