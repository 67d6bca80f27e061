// From a definition to a class of optimizers over Variables of this face.
import { classesFrom } from "../core/optimizer-classes.js";
import { forOwnRules } from "../core/run/check-rule.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition, Options, Values } from "../optimizers/definition.js";
import type { JaxEngineName } from "./engine.js";
import { JaxOptimizer, type OnEngine } from "./optimizer.js";

/**
 * The base of the optimizers over Variables of this face; names and state as in `"rmsprop"`. An `apply` that throws has changed
 * nothing.
 *
 * @class
 */
export const Optimizer: typeof JaxOptimizer = /* @__PURE__ */ forOwnRules(JaxOptimizer);
export type Optimizer<Own extends object = Hyper> = JaxOptimizer<Own>;

/** A class of optimizers: with the options of every optimizer, and their own, which can be read by their names. */
export interface OptimizerClass<Own extends object, All extends object = OptimizerOptions<Own>> {
  /** @param engine `"jax"` computes on jax-js' device, `"core"` in core's kernels: see docs/jax.md */
  new (options?: All, engine?: JaxEngineName): Optimizer<Own> & Own;
  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  fromConfig<T>(this: OnEngine<T, All>, config: KerasConfig, customObjects?: CustomObjects, engine?: JaxEngineName): T;
  readonly prototype: Optimizer<Own> & Own;
}

const classOf = /* @__PURE__ */ classesFrom(createClass);

/** The class of a definition of this package. */
export function jaxClassOf<O extends Options, Fact extends string>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return classOf(definition) as OptimizerClass<Values<O>>; // which has the options of the definition
}

/** The class of a definition: the same one whenever it is asked for. */
export function defineOptimizer<const O extends Options, Fact extends string = never>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return jaxClassOf(forOwnRules(definition));
}

function createClass(definition: OptimizerDefinition) {
  return class extends JaxOptimizer {
    constructor(options: OptimizerOptions<Values> = {}, engine: JaxEngineName = "jax") {
      super(definition, options, engine);
    }
  };
}
