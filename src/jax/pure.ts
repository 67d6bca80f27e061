// The optimizers of Keras as pure functions: one for each entry of the list. What they do is in transformation.ts.

import { ADADELTA, type AdadeltaOwn } from "../optimizers/adadelta.js";
import { ADAGRAD, type AdagradOwn } from "../optimizers/adagrad.js";
import { ADAM, type AdamOwn } from "../optimizers/adam.js";
import { ADAMAX, type AdamaxOwn } from "../optimizers/adamax.js";
import { ADAMW } from "../optimizers/adamw.js";
import { FTRL, type FtrlOwn } from "../optimizers/ftrl.js";
import { LION, type LionOwn } from "../optimizers/lion.js";
import { NADAM, type NadamOwn } from "../optimizers/nadam.js";
import { RMSPROP, type RMSpropOwn } from "../optimizers/rmsprop.js";
import { SCHEDULE_FREE_ADAMW, type ScheduleFreeAdamWOwn } from "../optimizers/schedule-free-adamw.js";
import { SGD_DEFINITION, type SGDOwn } from "../optimizers/sgd.js";
import {
  defineTransformation,
  type GraphOptions,
  type Transformation,
  type TransformationState,
} from "./transformation.js";
import type { Tree } from "./tree.js";

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

/** The state of a run of `sgd`. */
export type SGDState<P extends Tree = Tree> = TransformationState<never, "momentum", P>;

/** The SGD of Keras 3 as pure functions, as `rmsprop`. */
export const sgd: (options?: GraphOptions & SGDOwn) => Transformation<never, "momentum"> =
  // Its only slot has this name.
  /* @__PURE__ */ defineTransformation(SGD_DEFINITION) as typeof sgd;

/** The state of a run of `adam` and `adamw`. */
export type AdamState<P extends Tree = Tree> = TransformationState<"momentum" | "velocity", "velocityHat", P>;

/** The Adam of Keras 3 as pure functions, as `rmsprop`. */
export const adam: (options?: GraphOptions & AdamOwn) => Transformation<"momentum" | "velocity", "velocityHat"> =
  // Its slots have these names, and the first two are always there.
  /* @__PURE__ */ defineTransformation(ADAM) as typeof adam;

/** The AdamW of Keras 3 as pure functions, as `rmsprop`: `update` takes the parameters, too. */
export const adamw: typeof adam = /* @__PURE__ */ defineTransformation(ADAMW) as typeof adam; // as above

/** The state of a run of `lion`. */
export type LionState<P extends Tree = Tree> = TransformationState<"momentum", never, P>;

/** The Lion of Keras 3 as pure functions, as `rmsprop`. */
export const lion: (options?: GraphOptions & LionOwn) => Transformation<"momentum"> =
  // Its slot has this name, and is always there.
  /* @__PURE__ */ defineTransformation(LION) as typeof lion;

/** The state of a run of `adagrad`. */
export type AdagradState<P extends Tree = Tree> = TransformationState<"accumulator", never, P>;

/** The Adagrad of Keras 3 as pure functions, as `rmsprop`. */
export const adagrad: (options?: GraphOptions & AdagradOwn) => Transformation<"accumulator"> =
  // Its slot has this name, and is always there.
  /* @__PURE__ */ defineTransformation(ADAGRAD) as typeof adagrad;

/** The state of a run of `adadelta`. */
export type AdadeltaState<P extends Tree = Tree> = TransformationState<
  "accumulatedGrad" | "accumulatedDeltaVar",
  never,
  P
>;

/** The Adadelta of Keras 3 as pure functions, as `rmsprop`. */
export const adadelta: (
  options?: GraphOptions & AdadeltaOwn,
) => Transformation<"accumulatedGrad" | "accumulatedDeltaVar"> =
  // Its slots have these names, and are always there.
  /* @__PURE__ */ defineTransformation(ADADELTA) as typeof adadelta;

/** The state of a run of `adamax`. */
export type AdamaxState<P extends Tree = Tree> = TransformationState<"momentum" | "norm", never, P>;

/** The Adamax of Keras 3 as pure functions, as `rmsprop`. */
export const adamax: (options?: GraphOptions & AdamaxOwn) => Transformation<"momentum" | "norm"> =
  // Its slots have these names, and are always there.
  /* @__PURE__ */ defineTransformation(ADAMAX) as typeof adamax;

/** The state of a run of `nadam`. */
export type NadamState<P extends Tree = Tree> = TransformationState<"momentum" | "velocity", never, P>;

/** The Nadam of Keras 3 as pure functions, as `rmsprop`. */
export const nadam: (options?: GraphOptions & NadamOwn) => Transformation<"momentum" | "velocity"> =
  // Its slots have these names, and are always there.
  /* @__PURE__ */ defineTransformation(NADAM) as typeof nadam;

/** The state of a run of `ftrl`. */
export type FtrlState<P extends Tree = Tree> = TransformationState<"accumulator" | "linear", never, P>;

/** The Ftrl of Keras 3 as pure functions, as `rmsprop`. */
export const ftrl: (options?: GraphOptions & FtrlOwn) => Transformation<"accumulator" | "linear"> =
  // Its slots have these names, and are always there.
  /* @__PURE__ */ defineTransformation(FTRL) as typeof ftrl;

/** The state of a run of `scheduleFreeAdamw`. */
export type ScheduleFreeAdamWState<P extends Tree = Tree> = TransformationState<"momentum" | "velocity", never, P>;

/** The ScheduleFreeAdamW of Keras 3 as pure functions, as `rmsprop`. */
export const scheduleFreeAdamw: (
  options?: GraphOptions & ScheduleFreeAdamWOwn,
) => Transformation<"momentum" | "velocity"> =
  // Its slots have these names, and are always there.
  /* @__PURE__ */ defineTransformation(SCHEDULE_FREE_ADAMW) as typeof scheduleFreeAdamw;
