// class MultiOptimizer over Variables of this face.
import { StateError } from "../../check/errors.js";
import type { Config } from "../../core/config.js";
import { membersOn } from "../../core/members.js";
import { JoinedOptimizers } from "../../core/multi/joined-optimizers.js";
import { holdMulti, MultiMembers, multiArgumentsFrom } from "../../core/multi/multi-optimizer.js";
import { MULTI, type MultiOptions, optionsOfMulti } from "../../core/multi/multi-options.js";
import { OPTIMIZER_MAP } from "../../core/multi/optimizer-map.js";
import type { Composition, RunOver } from "../../core/run/run.js";
import type { Target } from "../../core/run/target.js";
import type { CustomObjects, KerasConfig } from "../../core/serialization.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import type { Cell, JaxEngine, JaxEngineName } from "../engine.js";
import { type CreateJaxRun, JaxOptimizer } from "../optimizer.js";
import type { Optimizer } from "../optimizer-class.js";
import { createJaxRun } from "../run.js";
import type { Variable } from "../variable.js";
import { FACE, OptimizerMap } from "./optimizer-map.js";

export type { MultiOptions } from "../../core/multi/multi-options.js";

type BaseClass = abstract new (
  definition: OptimizerDefinition,
  options: MultiOptions,
  engine: JaxEngineName,
  create: CreateJaxRun,
) => MultiMembers<Optimizer> & JaxOptimizer;

// It is an optimizer, and has been given the members.
const Base: BaseClass = /* @__PURE__ */ membersOn(JaxOptimizer as never, MultiMembers) as BaseClass;

/** Optimizers whose slots have to be where the engine of all looks for them. */
class JoinedOnEngine extends JoinedOptimizers<Optimizer, Cell> {
  #kind: JaxEngineName = "jax";

  override composed(definition: OptimizerDefinition, config: Config, engine: JaxEngine): Composition<Cell> {
    this.#kind = engine.kind;
    const composition = super.composed(definition, config, engine);
    for (const run of composition.parts) this.#checkEngine(run);
    return composition;
  }

  override runFor(target: Target<Cell>): RunOver<Cell> {
    const run = super.runFor(target);
    this.#checkEngine(run);
    return run;
  }

  #checkEngine({ engine, className }: { readonly engine: object; readonly className: string }): void {
    const { kind } = engine as JaxEngine; // of an optimizer of this face
    if (kind === this.#kind) return;
    const problem = `its part ${className} computes on engine "${kind}", it itself on "${this.#kind}"`;
    throw new StateError(MULTI.className, `${problem}. Make all with one: new ${className}(options, engine).`);
  }
}

/**
 * Several optimizers as one, each for Variables of its own, as in `"rmsprop"`: another learning rate for an embedding, Adam here
 * and SGD there. One step of it is one step of all of them, and one that throws has changed nothing. Source:
 * `keras.optimizers.MultiOptimizer`; `globalClipnorm` is ours.
 *
 * @example
 * const [embedding, head] = [new Variable([1], { name: "embedding" }), new Variable([1], { name: "head" })];
 * const optimizer = new MultiOptimizer(new OptimizerMap(new SGD({ learningRate: 0.1 }), { embedding: new SGD({ learningRate: 0.5 }) }));
 * optimizer.apply([np.array([1]), np.array([1])], [embedding, head]);
 * `${embedding} ${head}`; // [0.5] [0.9]
 */
export class MultiOptimizer extends Base {
  /**
   * @param optimizerMap a map, or a function that gives the optimizer of each variable, which is asked once for each
   * @param engine that of all parts
   */
  constructor(
    optimizerMap: OptimizerMap | ((variable: Variable) => Optimizer),
    options: MultiOptions = {},
    engine: JaxEngineName = "jax",
  ) {
    const joined = new JoinedOnEngine(FACE, optimizerMap);
    super(MULTI, optionsOfMulti(options), engine, (definition, config, name) =>
      createJaxRun(definition, config, name, (own) => joined.composed(definition, config, own)),
    );
    holdMulti(this, joined);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(
    config: KerasConfig,
    customObjects: CustomObjects = {},
    engine: JaxEngineName = "jax",
  ): MultiOptimizer {
    // What has a `fromConfig` counts as a class.
    const map = Object.assign(() => undefined, {
      fromConfig: (inner: KerasConfig, objects: CustomObjects) => OptimizerMap.fromConfig(inner, objects, engine),
    });
    const [made, options] = multiArgumentsFrom(config, { [OPTIMIZER_MAP]: map, ...customObjects });
    return new MultiOptimizer(made as OptimizerMap, options, engine); // which checks it
  }
}
