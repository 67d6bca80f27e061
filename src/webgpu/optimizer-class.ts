// From a definition to a class of optimizers over buffers of a device.
import { classesFrom } from "../core/optimizer-classes.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { OptimizerDefinition, Options, Values } from "../optimizers/definition.js";
import { type OnDevice, Optimizer } from "./optimizer.js";

/** A class of optimizers: with the options of every optimizer, and their own, which can be read by their names. */
export interface OptimizerClass<Own extends object, All extends object = OptimizerOptions<Own>> {
  new (device: GPUDevice, options?: All): Optimizer<Own> & Own;
  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  fromConfig<T>(this: OnDevice<T, All>, device: GPUDevice, config: KerasConfig, customObjects?: CustomObjects): T;
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
    constructor(device: GPUDevice, options: OptimizerOptions<Values> = {}) {
      super(device, definition, options);
    }
  };
}
