// From a definition to a class of optimizers for TensorFlow.js, which finds it by its name in saved models.
import * as tf from "@tensorflow/tfjs-core";
import { classesFrom } from "../core/optimizer-classes.js";
import { forOwnRules } from "../core/run/check-rule.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition, Options, Values } from "../optimizers/definition.js";
import { OptimizerOfTensors } from "./optimizer.js";

/**
 * The base of the optimizers for TensorFlow.js: a `tf.Optimizer` with everything around the update rule that Keras has.
 *
 * State belongs to each variable, not to its place in a list: variables may come later, in another order, or not at all.
 *
 * @class
 */
export const Optimizer: typeof OptimizerOfTensors = /* @__PURE__ */ forOwnRules(OptimizerOfTensors);
export type Optimizer<Own extends object = Hyper> = OptimizerOfTensors<Own>;

/** A class of optimizers: with the options of every optimizer, and their own, which can be read by their names. */
export interface OptimizerClass<Own extends object, All extends object = OptimizerOptions<Own>> {
  new (options?: All): Optimizer<Own> & Own;
  /** The name under which models are saved. */
  readonly className: string;
  /** As TensorFlow.js calls it when it loads a model. */
  fromConfig<T extends tf.serialization.Serializable>(
    type: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T;
  /** The optimizer of a config in Keras' JSON, or of that of its namesake in `tf.train`; its state is fresh. */
  fromConfig<T>(this: new (options: All) => T, config: KerasConfig, customObjects?: CustomObjects): T;
  readonly prototype: Optimizer<Own> & Own;
}

const classOf = /* @__PURE__ */ classesFrom(createClass);

/** The class of a definition of this package. */
export function tensorClassOf<O extends Options, Fact extends string>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return classOf(definition) as OptimizerClass<Values<O>>; // which has the options of the definition
}

/**
 * The class of a definition: the same one whenever it is asked for. TensorFlow.js finds it by its name from then on, unless
 * it has a class of that name itself: that one stays until `register()` is called.
 */
export function defineOptimizer<const O extends Options, Fact extends string = never>(
  definition: OptimizerDefinition<O, Fact>,
): OptimizerClass<Values<O>> {
  return tensorClassOf(forOwnRules(definition));
}

/** The class that stands for the one of `tf.train` in models that were saved with it; saved again, it is one of ours. */
export function namesakeOf(type: OptimizerClass<object>, { className, namesake }: OptimizerDefinition): typeof type {
  const created = class extends type {
    static override get className(): string {
      return namesake?.className ?? className;
    }

    override getClassName(): string {
      return className;
    }
  };
  return created as typeof type; // it has the same constructor and statics
}

function createClass(definition: OptimizerDefinition) {
  const created = class extends OptimizerOfTensors {
    static get className(): string {
      return definition.className;
    }

    constructor(options: OptimizerOptions<Values> = {}) {
      super(definition, options);
    }
  };
  if (!THEIRS.some((type) => type.className === definition.className)) tf.serialization.registerClass(created);
  return created;
}

/** The classes that TensorFlow.js has registered for itself. */
const THEIRS: readonly { readonly className: string }[] = [
  ...[tf.SGDOptimizer, tf.MomentumOptimizer, tf.RMSPropOptimizer, tf.AdagradOptimizer],
  ...[tf.AdadeltaOptimizer, tf.AdamOptimizer, tf.AdamaxOptimizer],
];
