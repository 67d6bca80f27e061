// The options of MultiOptimizer, and its definition.
import { type Arguments, argumentsOf } from "../../check/argument.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import { OUR_OPTIONS } from "../config.js";

/** Keras' name of the class. */
export const MULTI_OPTIMIZER = "MultiOptimizer";

export const multiArgument: Arguments = argumentsOf(MULTI_OPTIMIZER);

/** The options of `MultiOptimizer`. */
export interface MultiOptions {
  /** The loss was multiplied by this, so gradients are divided by it: set on all parts, whatever they had. Default null. */
  readonly lossScaleFactor?: number | null | undefined;
  /**
   * Largest L2 norm of all gradients of all parts together; off when null, 0 or less. The parts may not clip by themselves
   * then. Keras has no such argument: it is in no config.
   */
  readonly globalClipnorm?: number | null | undefined;
  /** Leaves a step out, and counts it in `skipped`, if a gradient is not finite. Not an option of parts, since they make one step. */
  readonly skipNonFinite?: boolean | undefined;
  /** Norms of gradients without a clip, for `gradientNorm`. Not an option of parts. */
  readonly trackNorm?: boolean | undefined;
  /** A name without `/`. Default `"multi_optimizer"`. */
  readonly name?: string | undefined;
}

const OPTIONS: readonly string[] = ["lossScaleFactor", "name", "globalClipnorm", ...OUR_OPTIONS];

/** It has Keras' own variables of an optimizer, an iteration and a learning rate of 0, and no rule. */
export const MULTI: OptimizerDefinition = {
  className: MULTI_OPTIMIZER,
  module: "keras.optimizers",
  options: {},
  base: { learningRate: 0 },
  rule: { slots: [], scalars: [], update: () => ({}) },
};

/** The options as those of an optimizer, with no others among them. */
export function optionsOfMulti(options: MultiOptions): MultiOptions {
  multiArgument("options").keys(options, OPTIONS);
  return { ...options, name: options.name ?? "multi_optimizer" };
}
