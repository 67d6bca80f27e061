// From a definition to a class of optimizers over buffers of a device.
import { classesFrom } from "../core/optimizer-classes.js";
import { forOwnRules } from "../core/run/check-rule.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition, Options, Values } from "../optimizers/definition.js";
import { GpuOptimizer, type OnDevice } from "./optimizer.js";

/**
 * The base of the optimizers over GPUBuffers: everything around the update rule, as in `"rmsprop"`. A step is queued, never
 * awaited; what the device refuses is thrown by the next call, and by `ready()`.
 *
 * @class
 */
export const Optimizer: typeof GpuOptimizer = /* @__PURE__ */ forOwnRules(GpuOptimizer);
export type Optimizer<Own extends object = Hyper> = GpuOptimizer<Own>;

/** A class of optimizers: with the options of every optimizer, and their own, which can be read by their names. */
export interface OptimizerClass<Own extends object, All extends object = OptimizerOptions<Own>> {
  new (device: GPUDevice, options?: All): Optimizer<Own> & Own;
  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  fromConfig<T>(this: OnDevice<T, All>, device: GPUDevice, config: KerasConfig, customObjects?: CustomObjects): T;
  readonly prototype: Optimizer<Own> & Own;
}

const classOf = /* @__PURE__ */ classesFrom(createClass);

/** The class of a definition of this package. */
export function gpuClassOf<O extends Options, Fact extends string>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return classOf(definition) as OptimizerClass<Values<O>>; // which has the options of the definition
}

/** The class of a definition: the same one whenever it is asked for. */
export function defineOptimizer<const O extends Options, Fact extends string = never>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return gpuClassOf(forOwnRules(definition));
}

function createClass(definition: OptimizerDefinition) {
  return class extends GpuOptimizer {
    constructor(device: GPUDevice, options: OptimizerOptions<Values> = {}) {
      super(device, definition, options);
    }
  };
}
