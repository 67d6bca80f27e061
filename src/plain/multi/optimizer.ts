// plain/multi/: several optimizers as one, over numbers in memory.
//
// class MultiOptimizer over numbers in memory, and OptimizerMap, which says which optimizer trains a variable.

import type { Argument } from "../../check/argument.js";
import { membersOn } from "../../core/members.js";
import { checkedPart, type JoinedFace, JoinedOptimizers } from "../../core/multi/joined-optimizers.js";
import { holdMulti, MultiMembers, multiArgumentsFrom } from "../../core/multi/multi-optimizer.js";
import { MULTI, type MultiOptions, optionsOfMulti } from "../../core/multi/multi-options.js";
import { OPTIMIZER_MAP, OptimizersByPath, optimizersFrom } from "../../core/multi/optimizer-map.js";
import { type CustomObjects, deserializeOptimizer, type KerasConfig } from "../../core/serialization.js";
import type { HostArray } from "../../engine/engine.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import { byClassName } from "../../optimizers/index.js";
import type { VariableLike } from "../inputs/targets.js";
import { type CreateRun, HostOptimizer } from "../optimizer.js";
import { hostClassOf, type Optimizer } from "../optimizer-class.js";
import { createHostRun, hostRunOf } from "../run.js";
import type { Variable } from "../variable.js";
import { isVariable } from "../variable-memory.js";

export type { MultiOptions } from "../../core/multi/multi-options.js";

const FACE: JoinedFace<Optimizer, HostArray> = {
  module: "rmsprop",
  isOptimizer: (value) => value instanceof HostOptimizer,
  runOf: hostRunOf,
  pathOf: (variable) => (isVariable(variable) ? (variable as Variable).path : null),
  remedy: 'Wrap the array: new Variable(array, { name: "embedding" }).',
  isOpen: false,
};

/**
 * Which optimizer trains a variable, for `MultiOptimizer`. A key is the `path` of a Variable, which is its name, or a regular
 * expression of Python that matches all of it: `"embedding"`, `"encoder_.*"`. Variables that no key matches have the default.
 *
 * Keys and optimizers as in a Map; `get` asks for a path, and `set` refuses a key that is there. Source:
 * `keras.optimizers.OptimizerMap`.
 */
export class OptimizerMap extends OptimizersByPath<Optimizer> {
  /** @internal */
  protected override checked(argument: Argument, optimizer: unknown): Optimizer {
    return checkedPart(FACE, argument, optimizer);
  }

  /** The map of a config, as `getConfig` or Keras' `get_config` gives it; its optimizers are new. */
  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}): OptimizerMap {
    const classes = { ...byClassName(hostClassOf), ...customObjects };
    const create = (argument: Argument, each: unknown): Optimizer =>
      deserializeOptimizer(argument, each, classes) as Optimizer; // the constructor checks it
    return new OptimizerMap(...optimizersFrom(config, create));
  }
}

type BaseClass = abstract new (
  definition: OptimizerDefinition,
  options: MultiOptions,
  create: CreateRun,
) => MultiMembers<Optimizer> & HostOptimizer;

// It is an optimizer, and has been given the members.
const Base: BaseClass = /* @__PURE__ */ membersOn(HostOptimizer as never, MultiMembers) as BaseClass;

/**
 * Several optimizers as one, each for variables of its own: another learning rate for an embedding, no decay for one head, Adam
 * here and SGD there. One step of it is one step of all of them, and one that throws has changed nothing.
 *
 * Each part keeps its learning rate, its iterations and its averages; a part without variables stays as it is. It has a
 * `globalClipnorm` over all gradients, which Keras lacks. Unlike in Keras, `apply` may be given some of the variables; parts of
 * which there are none do not move. Source: `keras.optimizers.MultiOptimizer`.
 *
 * @example
 * const [embedding, head] = [new Variable([1], { name: "embedding" }), new Variable([1], { name: "head" })];
 * const optimizer = new MultiOptimizer(new OptimizerMap(new SGD({ learningRate: 0.1 }), { embedding: new SGD({ learningRate: 0.5 }) }));
 * optimizer.apply([[1], [1]], [embedding, head]);
 * `${embedding} ${head}`; // [0.5] [0.9]
 */
export class MultiOptimizer extends Base {
  /** @param optimizerMap a map, or a function that gives the optimizer of each variable, which is asked once for each */
  constructor(optimizerMap: OptimizerMap | ((variable: VariableLike) => Optimizer), options: MultiOptions = {}) {
    const joined = new JoinedOptimizers(FACE, optimizerMap);
    super(MULTI, optionsOfMulti(options), (definition, config) =>
      createHostRun(definition, config, (engine) => joined.composed(definition, config, engine)),
    );
    holdMulti(this, joined);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}): MultiOptimizer {
    const classes = { [OPTIMIZER_MAP]: OptimizerMap, ...customObjects };
    const [map, options] = multiArgumentsFrom(config, classes);
    return new MultiOptimizer(map as OptimizerMap, options); // which checks it
  }
}
