// class Optimizer of "rmsprop/tfjs": a tf.Optimizer around a run, which does what it does on every face.
import * as tf from "@tensorflow/tfjs-core";
import { resolveConfig } from "../core/config.js";
import { membersOn } from "../core/members.js";
import { OptimizerMembers } from "../core/optimizer-base.js";
import { holdRun } from "../core/run/run.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import { holdState, hostState, stateOf } from "../core/state/own-state.js";
import type { OptimizerVariable } from "../core/state/state.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import { type Configurable, createFromConfig } from "./config.js";
import type { StepCounts } from "./engine/engine.js";
import { pairsByName, pairsInOrder } from "./gradients.js";
import { gradientsOf, minimizeArguments, minimizeScaled, type ValueAndGradients } from "./loss.js";
import { TensorRun } from "./run.js";
import type { NamedTensor } from "./state/weights.js";
import { TensorOptimizer } from "./tensor-optimizer.js";

type Members<Own extends object> = OptimizerMembers<Own, tf.Variable> & TensorOptimizer;

// It is a TensorOptimizer, and has been given the members.
const Base: abstract new <Own extends object>() => Members<Own> = /* @__PURE__ */ membersOn(
  TensorOptimizer,
  OptimizerMembers,
) as abstract new <Own extends object>() => Members<Own>;

/**
 * The base of the optimizers for TensorFlow.js: a `tf.Optimizer` with everything around the update rule that Keras has.
 *
 * State belongs to each variable, not to its place in a list: variables may come later, in another order, or not at all.
 */
export class Optimizer<Own extends object = Hyper> extends Base<Own> {
  readonly #run: TensorRun;

  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>) {
    const run = new TensorRun(definition, resolveConfig(definition, options));
    super();
    this.#run = holdRun(this, run);
    holdState(this, { ...hostState(run), list: () => run.ownVariables() });
  }

  /** The name under which models are saved. */
  override getClassName(): string {
    const { className } = this.constructor as { readonly className?: string };
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

  /** The optimizer's own variables in Keras' order. */
  get variables(): OptimizerVariable[] {
    return stateOf(this).list();
  }

  /**
   * Computes the gradients of `f` and makes one step. On cpu and wasm a loss of NaN is a RangeError, and nothing changes.
   * @param f gives the loss, a scalar. It is scaled by `lossScaleFactor` before gradients are taken.
   * @param returnCost return the loss, unscaled; or, as in Keras, the list of variables
   * @param varList the variables to train; by default all trainable ones
   */
  override minimize(
    f: () => tf.Scalar,
    returnCost: boolean | tf.Variable[] = false,
    varList?: tf.Variable[],
  ): tf.Scalar | null {
    const { wanted, variables } = minimizeArguments(this.#run.className, returnCost, varList);
    return minimizeScaled(this.#run, f, { lossScale: this.lossScaleFactor, variables, wanted }).cost;
  }

  /** The loss, and what `applyGradients` takes: the gradients of the loss multiplied by `lossScaleFactor`, if there is one. */
  override computeGradients(f: () => tf.Scalar, varList?: tf.Variable[]): ValueAndGradients {
    return gradientsOf(this.#run.className, f, this.lossScaleFactor, varList);
  }

  /** One step with gradients by the names of their variables; `null` or missing where there is none. */
  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    this.#run.apply(pairsByName(this.#run.className, gradients), this.lossScaleFactor);
  }

  /** One step with Keras' arguments: a gradient, or `null`, for each variable. By default, all variables trained so far. */
  apply(gradients: readonly (tf.Tensor | null)[], variables: readonly tf.Variable[] = this.trainedVariables): void {
    this.#run.apply(pairsInOrder(this.#run.className, gradients, variables), this.lossScaleFactor);
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. `minimize` does it by itself. */
  scaleLoss<T extends tf.Tensor>(loss: T): T {
    return this.lossScaleFactor === null ? loss : tf.mul<T>(loss, this.lossScaleFactor);
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

  /** All own variables as named tensors, the iteration first. They stay the optimizer's: do not dispose of them. */
  override async getWeights(): Promise<NamedTensor[]> {
    const { saved } = this.#run;
    this.#run.checkAlive();
    return saved.tensorsOf(await saved.values());
  }

  /**
   * Restores what `getWeights` gave, here or in `tf.train.rmsprop`: slots by the names of their variables, or else by their
   * order. Slots of variables that were not trained yet wait for them. Throws StateMismatchError and changes nothing.
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const { saved } = this.#run;
    this.#run.checkUsable();
    const read = await saved.read(weights);
    saved.checked(read)();
  }
}
