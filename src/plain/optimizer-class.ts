// From a definition to a class of optimizers over numbers in memory.

import { classesFrom } from "../core/optimizer-classes.js";
import { forOwnRules } from "../core/run/check-rule.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition, Options, Values } from "../optimizers/definition.js";
import { HostOptimizer } from "./optimizer.js";

/**
 * The base of all optimizers: everything around the update rule, as in Keras' `keras.optimizers.Optimizer`.
 *
 * To make one of your own, describe its rule with `defineOptimizer` and extend this class.
 * An `apply` that throws has changed nothing.
 *
 * @class
 */
export const Optimizer: typeof HostOptimizer = /* @__PURE__ */ forOwnRules(HostOptimizer);
export type Optimizer<Own extends object = Hyper> = HostOptimizer<Own>;

/** A class of optimizers: with the options of every optimizer, and their own, which can be read by their names. */
export interface OptimizerClass<Own extends object, All extends object = OptimizerOptions<Own>> {
  new (options?: All): Optimizer<Own> & Own;
  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  fromConfig<T>(this: new (options: All) => T, config: KerasConfig, customObjects?: CustomObjects): T;
  readonly prototype: Optimizer<Own> & Own;
}

const classOf = /* @__PURE__ */ classesFrom(createClass);

/** The class of a definition of this package. */
export function hostClassOf<O extends Options, Fact extends string>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return classOf(definition) as OptimizerClass<Values<O>>; // which has the options of the definition
}

/** The class of a definition: the same one whenever it is asked for. */
export function defineOptimizer<const O extends Options, Fact extends string = never>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return hostClassOf(forOwnRules(definition));
}

function createClass(definition: OptimizerDefinition) {
  return class extends HostOptimizer {
    constructor(options: OptimizerOptions<Values> = {}) {
      super(definition, options);
    }
  };
}
