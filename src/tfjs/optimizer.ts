// class Optimizer of "rmsprop/tfjs": a tf.Optimizer around a run, which does what it does on every face.
import type * as tf from "@tensorflow/tfjs-core";
import { type Config, resolveConfig } from "../core/config.js";
import { membersOn } from "../core/members.js";
import { OptimizerMembers } from "../core/optimizer-base.js";
import { holdRun } from "../core/run/run.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import { holdState, hostState } from "../core/state/own-state.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import { type Configurable, createFromConfig } from "./config.js";
import type { StepCounts } from "./engine/engine.js";
import { TensorRun } from "./run.js";
import { TensorOptimizer } from "./tensor-optimizer.js";
import { holdTraining } from "./training.js";

/** A tf.Optimizer with the members of every optimizer. */
export type TensorMembers<Own extends object> = OptimizerMembers<Own, tf.Variable> & TensorOptimizer;

type MembersClass = abstract new <Own extends object>() => TensorMembers<Own>;

export const TensorMembers: MembersClass = /* @__PURE__ */ membersOn(TensorOptimizer, OptimizerMembers) as MembersClass; // it has been given the members

/** What makes the run of an optimizer. */
export type CreateTensorRun = (definition: OptimizerDefinition, config: Config) => TensorRun;

/** `Optimizer`, as this package itself uses it. */
export class OptimizerOfTensors<Own extends object = Hyper> extends TensorMembers<Own> {
  readonly #run: TensorRun;

  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>);
  /** @internal */
  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>, create: CreateTensorRun);
  constructor(
    definition: OptimizerDefinition,
    options: OptimizerOptions<Own>,
    create: CreateTensorRun = (...data) => new TensorRun(...data),
  ) {
    const run = create(definition, resolveConfig(definition, options));
    super();
    this.#run = holdRun(this, run);
    holdTraining(this, { argument: run.state.argument, run, saved: run.saved, scale: null });
    holdState(this, { ...hostState(run), list: () => run.ownVariables() });
  }

  /** The name under which models are saved. */
  override getClassName(): string {
    const { className } = this.constructor as { readonly className?: string }; // the field is looked at
    return className ?? this.#run.className;
  }

  /**
   * What computes, by the backend of TensorFlow.js: `"tfjs-wasm-fused"` and `"tfjs-webgpu-fused"` in place,
   * `"tfjs-cpu-staged"` over copies, `"tfjs-webgl"` and others by its own operations. `tf.env().set("RMSPROP_FUSED", false)`
   * leaves all to those. A step that a strategy cannot run, such as one over too many slots, is composed, and counted so.
   */
  override get engine(): string {
    return this.#run.engine.name;
  }

  /** The steps so far by how they ran, and the copies that shared storage has cost. */
  get stepCounts(): StepCounts {
    return { ...this.#run.engine.counts };
  }

  /** Keras' own JSON for this optimizer. */
  override getConfig(): tf.serialization.ConfigDict {
    return super.getConfig() as tf.serialization.ConfigDict; // a config holds nothing but JSON
  }

  /**
   * The optimizer of a config, its state fresh: `fromConfig(config, customObjects?)` with Keras' JSON, or `fromConfig(cls,
   * config)` as TensorFlow.js calls it when it loads a model.
   */
  static fromConfig<T extends tf.serialization.Serializable>(
    type: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T;
  static fromConfig<T>(this: new (options: never) => T, config: KerasConfig, customObjects?: CustomObjects): T;
  static fromConfig(this: unknown, first: Configurable | KerasConfig, second: KerasConfig = {}): unknown {
    // What this is called on takes one object of options, as the signature above demands.
    return createFromConfig(this as Configurable, first, second);
  }
}
