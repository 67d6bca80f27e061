/** Keras' RMSprop for jax-js. @module rmsprop/jax */
import { RMSPROP, type RMSpropHyper, type RMSpropOptions, type RMSpropOwn } from "../optimizers/rmsprop.js";
import type { Optimizer } from "./optimizer.js";
import { defineOptimizer, type OptimizerClass } from "./optimizer-class.js";
import {
  defineTransformation,
  type GraphOptions,
  type Transformation,
  type TransformationState,
} from "./transformation.js";
import type { Tree } from "./tree.js";

/**
 * Keras' RMSprop over Variables of this face; names and state as in `"rmsprop"`. An `apply` that throws has changed nothing.
 *
 * @class
 * @example
 * const v = new Variable(10);
 * new RMSprop({ learningRate: 0.1 }).minimize(() => np.square(v.ref).div(2), [v]);
 * `${v}`; // 9.683772
 */
export const RMSprop: OptimizerClass<RMSpropHyper, RMSpropOptions> = /* @__PURE__ */ defineOptimizer(RMSPROP);
export type RMSprop = Optimizer<RMSpropHyper> & RMSpropHyper;

/** All arguments of Keras' RMSprop. */
export interface TransformationOptions extends GraphOptions, RMSpropOwn {}

/** The state of a run: a tree of arrays, so that it can go through `jit`, be saved and be changed. */
export type RMSpropState<P extends Tree = Tree> = TransformationState<"velocity", "momentum" | "averageGradient", P>;

/**
 * The RMSprop of Keras 3 as pure functions. Everything happens in the compiled program, counters and learning rate included: a
 * training step that goes through `jit` is compiled once.
 *
 * @example
 * const solver = rmsprop({ learningRate: 0.01, momentum: 0.9 });
 * let state = solver.init(tree.ref(params));
 * const step = jit((params, state) => solver.apply(grad(loss)(tree.ref(params)), state, params));
 * [params, state] = step(params, state);
 */
export const rmsprop: (options?: TransformationOptions) => Transformation<"velocity", "momentum" | "averageGradient"> =
  // Its slots have these names, and velocity is always there.
  /* @__PURE__ */ defineTransformation(RMSPROP) as typeof rmsprop;

export type { RMSpropOptions } from "../optimizers/rmsprop.js";
export type { LearningRateLike } from "../schedules/learning-rate-like.js";
export type { JaxEngineName as EngineName } from "./engine.js";
export type { GraphLearningRate, ScheduleFunction } from "./learning-rate.js";
export { Optimizer } from "./optimizer.js";
export { defineOptimizer, type OptimizerClass } from "./optimizer-class.js";
export {
  applyUpdates,
  defineTransformation,
  type GraphOptions,
  type Transformation,
  type TransformationState,
} from "./transformation.js";
export type { GradientTree, Tree } from "./tree.js";
export { Variable, type VariableOptions } from "./variable.js";
