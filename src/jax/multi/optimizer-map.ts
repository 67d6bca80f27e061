// jax/multi/: several optimizers as one, over Variables and over trees.
//
// OptimizerMap of this face: of optimizers for class MultiOptimizer, of transformations for multiOptimizer().
import type { Argument } from "../../check/argument.js";
import { StateError } from "../../check/errors.js";
import { checkedPart, type JoinedFace } from "../../core/multi/joined-optimizers.js";
import {
  OPTIMIZER_MAP,
  OptimizersByPath,
  type OptimizersByPattern,
  optimizersFrom,
} from "../../core/multi/optimizer-map.js";
import { type CustomObjects, classOf, type KerasConfig } from "../../core/serialization.js";
import type { Hyper } from "../../optimizers/definition.js";
import { byClassName } from "../../optimizers/index.js";
import type { Cell, JaxEngineName } from "../engine.js";
import { JaxOptimizer } from "../optimizer.js";
import { jaxClassOf, type Optimizer, type OptimizerClass } from "../optimizer-class.js";
import { jaxRunOf } from "../run.js";
import { heldFactsOf, type Transformation } from "../transformation.js";
import { Variable } from "../variable.js";

/** What this face says of its optimizers and variables. */
export const FACE: JoinedFace<Optimizer, Cell> = {
  module: "rmsprop/jax",
  isOptimizer: (value) => value instanceof JaxOptimizer,
  runOf: jaxRunOf,
  pathOf: (variable) => (variable instanceof Variable ? variable.name : null),
  remedy: 'Make it with new Variable(array, { name: "embedding" }).',
  isOpen: false,
};

/** Optimizers, or transformations, by paths. */
export type OptimizerMap<O extends Optimizer | Transformation = Optimizer> = OptimizersByPath<O>;

/**
 * Which optimizer trains a Variable, or which transformation a leaf. A key is a path, or a regular expression of Python that
 * matches all of it: `"encoder/.*"`. A Variable's path is its name, a leaf's has the keys on the way to it, with slashes between
 * them. Paths that no key matches have the default.
 *
 * Keys and optimizers as in a Map; `get` asks for a path, and `set` refuses a key that is there. Source:
 * `keras.optimizers.OptimizerMap`.
 */
export const OptimizerMap: {
  /** Of optimizers, for class MultiOptimizer. */
  new (defaultOptimizer: Optimizer, optimizers?: OptimizersByPattern<Optimizer> | null): OptimizerMap;
  /** Of transformations, for multiOptimizer(). */
  new (
    defaultOptimizer: Transformation,
    optimizers?: OptimizersByPattern<Transformation> | null,
  ): OptimizerMap<Transformation>;
  /** The map of a config, as `getConfig` or Keras' `get_config` gives it; its optimizers are new. */
  fromConfig(config: KerasConfig, customObjects?: CustomObjects, engine?: JaxEngineName): OptimizerMap;
  readonly prototype: OptimizerMap;
} = class OptimizerMap extends OptimizersByPath<Optimizer | Transformation> {
  protected override checked(argument: Argument, given: unknown): Optimizer | Transformation {
    const isPure = heldFactsOf(given) !== null;
    const first: unknown = this.defaultOptimizer; // none while that one is checked itself
    if (first !== undefined && isPure !== (heldFactsOf(first) !== null)) {
      const remedy = "Optimizers of classes go with MultiOptimizer, transformations with multiOptimizer().";
      throw argument.badKind("be of the same kind as the default: a class's, or a transformation", given, remedy);
    }
    return isPure ? (given as Transformation) : checkedPart(FACE, argument, given);
  }

  override getConfig(): KerasConfig {
    if (heldFactsOf(this.defaultOptimizer) === null) return super.getConfig();
    throw new StateError(OPTIMIZER_MAP, "transformations have no config. Use the optimizers of the classes.");
  }

  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}, engine: JaxEngineName = "jax") {
    const classes = { ...byClassName(jaxClassOf), ...customObjects };
    const create = (argument: Argument, each: unknown): Optimizer => {
      const { type, config: own } = classOf(argument, each, classes);
      const made = (type as OptimizerClass<Hyper>).fromConfig(own, classes, engine); // others pass the engine over
      return made as Optimizer; // the constructor checks it
    };
    return new OptimizerMap(...optimizersFrom(config, create));
  }
} as never; // with a type for each kind of parts
