// From a definition to a class, for optimizers of one's own. RMSprop is made of the same parts in rmsprop.ts.

import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import { Optimizer } from "./optimizer.js";

/** What `defineOptimizer` gives: a class of optimizers with the options of every optimizer and their own. */
export interface OptimizerClass<H extends Hyper> {
  new (options?: OptimizerOptions<H>): Optimizer<H>;
  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it. */
  fromConfig(config: KerasConfig, customObjects?: CustomObjects): Optimizer<H>;
  readonly prototype: Optimizer<H>;
}

/** A class of optimizers from a rule, its slots and its scalars. */
export function defineOptimizer<H extends Hyper>(definition: OptimizerDefinition<H>): OptimizerClass<H> {
  const created = class extends Optimizer<H> {
    constructor(options: OptimizerOptions<H> = {}) {
      super(definition, options);
    }
  };
  Object.defineProperty(created, "name", { value: definition.className });
  return created;
}
