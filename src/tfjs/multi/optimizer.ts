// tfjs/multi/: several optimizers as one, for TensorFlow.js.
//
// class MultiOptimizer of "rmsprop/tfjs", and OptimizerMap, which says by its name which optimizer trains a variable.
import * as tf from "@tensorflow/tfjs-core";
import type { Argument } from "../../check/argument.js";
import { membersOn } from "../../core/members.js";
import { checkedPart, type JoinedFace, JoinedOptimizers } from "../../core/multi/joined-optimizers.js";
import { holdMulti, MultiMembers, multiArgumentsFrom } from "../../core/multi/multi-optimizer.js";
import { MULTI, type MultiOptions, optionsOfMulti } from "../../core/multi/multi-options.js";
import { OPTIMIZER_MAP, OptimizersByPath, optimizersFrom, withPatterns } from "../../core/multi/optimizer-map.js";
import { type CustomObjects, deserializeOptimizer, type KerasConfig } from "../../core/serialization.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import { byClassName } from "../../optimizers/index.js";
import { addCustomObjects, kerasConfig, objectsFor } from "../config.js";
import { type CreateTensorRun, OptimizerOfTensors } from "../optimizer.js";
import { type Optimizer, tensorClassOf } from "../optimizer-class.js";
import { TensorRun, tensorRunOf } from "../run.js";
import { SavedParts } from "./saved-parts.js";

export type { MultiOptions } from "../../core/multi/multi-options.js";

const FACE: JoinedFace<Optimizer, tf.Tensor> = {
  module: "rmsprop/tfjs",
  isOptimizer: (value) => value instanceof OptimizerOfTensors,
  runOf: tensorRunOf,
  pathOf: (variable) => (variable as tf.Variable).name, // nothing else is trained here
  remedy: "Make it with a name.",
  isOpen: true,
};

/**
 * Which optimizer trains a variable, for `MultiOptimizer`. A key is the name of a tf.Variable, such as `"dense_Dense1/kernel"` of a
 * layer's, or a regular expression of Python that matches all of it: `"embedding/.*"`. Variables that no key matches have the
 * default. Names are unique: of layers of one name, TensorFlow.js calls the second kernel `"dense/kernel_1"`.
 *
 * Keys and optimizers as in a Map; `get` asks for a name, and `set` refuses a key that is there. Source:
 * `keras.optimizers.OptimizerMap`.
 */
export class OptimizerMap extends OptimizersByPath<Optimizer> {
  /** @internal */
  protected override checked(argument: Argument, optimizer: unknown): Optimizer {
    return checkedPart(FACE, argument, optimizer);
  }

  /** Keras' own JSON, and beside it the keys in a list: TensorFlow.js spells keys anew when it loads a model. */
  override getConfig(): KerasConfig {
    return withPatterns(super.getConfig());
  }

  /** The map of a config, as `getConfig` or Keras' `get_config` gives it; its optimizers are new. */
  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}): OptimizerMap {
    const classes = { ...byClassName(tensorClassOf), ...customObjects };
    const create = (argument: Argument, each: unknown): Optimizer =>
      deserializeOptimizer(argument, each, classes) as Optimizer; // the constructor checks it
    return new OptimizerMap(...optimizersFrom(config, create));
  }
}

type BaseClass = abstract new (
  definition: OptimizerDefinition,
  options: MultiOptions,
  create: CreateTensorRun,
) => Omit<MultiMembers<Optimizer>, "getConfig"> & OptimizerOfTensors;

// It is a tf.Optimizer, and has been given the members.
const Base: BaseClass = /* @__PURE__ */ membersOn(OptimizerOfTensors as never, MultiMembers) as BaseClass;

/**
 * Several optimizers as one `tf.Optimizer`, each for variables of its own, as in `"rmsprop"`: another learning rate for the
 * embedding, `model.compile({ optimizer: new MultiOptimizer(map) })`. A step that throws has changed nothing.
 *
 * Of some of the variables, `minimize` and `applyGradients` move their parts alone. Source: `keras.optimizers.MultiOptimizer`.
 */
export class MultiOptimizer extends Base {
  /** @param optimizerMap a map, or a function that gives the optimizer of each variable, which is asked once for each */
  constructor(optimizerMap: OptimizerMap | ((variable: tf.Variable) => Optimizer), options: MultiOptions = {}) {
    const joined = new JoinedOptimizers(FACE, optimizerMap);
    super(
      MULTI,
      optionsOfMulti(options),
      (definition, config) =>
        new TensorRun(
          definition,
          config,
          (engine) => joined.composed(definition, config, engine),
          (run) => new SavedParts(run),
        ),
    );
    holdMulti(this, joined);
  }

  static get className(): string {
    return MULTI.className;
  }

  /** `fromConfig(config)` with Keras' JSON, or `fromConfig(cls, config)` as TensorFlow.js calls it. */
  static fromConfig<T extends tf.serialization.Serializable>(
    type: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T;
  static fromConfig(config: KerasConfig, customObjects?: CustomObjects): MultiOptimizer;
  static fromConfig(first: unknown, second: KerasConfig = {}): unknown {
    const classes = { ...objectsFor(first, second), [OPTIMIZER_MAP]: OptimizerMap };
    const [map, options] = multiArgumentsFrom(kerasConfig(first, second), classes);
    return new MultiOptimizer(map as OptimizerMap, options); // which checks it
  }
}

// Here rather than in register.ts, since a bundler keeps it wherever the class is used.
tf.serialization.registerClass(MultiOptimizer);
addCustomObjects({ MultiOptimizer });
