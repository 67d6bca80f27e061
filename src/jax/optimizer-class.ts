// From a definition to a class of optimizers over Variables of this face.
import { classesFrom } from "../core/optimizer-classes.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { OptimizerDefinition, Options, Values } from "../optimizers/definition.js";
import type { JaxEngineName } from "./engine.js";
import { type OnEngine, Optimizer } from "./optimizer.js";

/** A class of optimizers: with the options of every optimizer, and their own, which can be read by their names. */
export interface OptimizerClass<Own extends object, All extends object = OptimizerOptions<Own>> {
  /** @param engine `"jax"` computes on jax-js' device, `"core"` in core's kernels: see docs/jax.md */
  new (options?: All, engine?: JaxEngineName): Optimizer<Own> & Own;
  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  fromConfig<T>(this: OnEngine<T, All>, config: KerasConfig, customObjects?: CustomObjects, engine?: JaxEngineName): T;
  readonly prototype: Optimizer<Own> & Own;
}

const classOf = /* @__PURE__ */ classesFrom(createClass);

/** The class of a definition: the same one whenever it is asked for. */
export function defineOptimizer<const O extends Options, Fact extends string = never>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return classOf(definition) as OptimizerClass<Values<O>>; // which has the options of the definition
}

function createClass(definition: OptimizerDefinition) {
  return class extends Optimizer {
    constructor(options: OptimizerOptions<Values> = {}, engine: JaxEngineName = "jax") {
      super(definition, options, engine);
    }
  };
}
