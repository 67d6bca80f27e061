// class LossScaleOptimizer of "rmsprop/tfjs": a tf.Optimizer that scales the loss of another one.
import * as tf from "@tensorflow/tfjs-core";
import { badKind } from "../check/errors.js";
import type { DynamicScale } from "../core/scale/dynamic-scale.js";
import {
  innerAndOptions,
  LOSS_SCALE_OPTIMIZER,
  type LossScaleOptions,
  MODULE,
  resolveScale,
  scaleConfig,
} from "../core/scale/loss-scale-base.js";
import {
  type CustomObjects,
  deserializeOptimizer,
  type KerasConfig,
  serializeOptimizer,
  setModule,
} from "../core/serialization.js";
import type { OptimizerVariable, StateVariable } from "../core/state/state.js";
import { scaleVariables } from "../core/state/state-variables.js";
import { byClassName } from "../optimizers/index.js";
import type { LearningRateLike } from "../schedules/learning-rate-like.js";
import { kerasConfig, knownObjects } from "./config.js";
import { type Pair, pairsByName, pairsInOrder } from "./gradients.js";
import { gradientsOf, minimizeArguments, type ValueAndGradients } from "./loss.js";
import { Optimizer } from "./optimizer.js";
import { defineOptimizer } from "./optimizer-class.js";
import type { SavedState } from "./state/saved-state.js";
import {
  checkedRestore,
  type NamedTensor,
  type NamedVariable,
  readWeights,
  savedWeights,
  Weights,
} from "./state/weights.js";
import { TensorOptimizer } from "./tensor-optimizer.js";

export type { LossScaleOptions } from "../core/scale/loss-scale-base.js";

/**
 * Multiplies the loss by a large factor before gradients are taken, so that they do not vanish in half precision, and
 * divides them again. A step whose gradients are not all finite is left out and halves the factor; after
 * `dynamicGrowthSteps` finite steps in a row it doubles. The answer is awaited in each step, which costs most on webgl and
 * webgpu; over buffers of a device, `rmsprop/webgpu` has one that never waits. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer extends TensorOptimizer {
  readonly name: string;
  readonly innerOptimizer: Optimizer;
  readonly #scale: DynamicScale;
  readonly #weights = new Weights();

  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    super();
    if (!(innerOptimizer instanceof Optimizer)) {
      const remedy = 'Pass the RMSprop of "rmsprop/tfjs".';
      const requirement = "be an optimizer of this package";
      throw badKind({
        owner: LOSS_SCALE_OPTIMIZER,
        argument: "innerOptimizer",
        requirement,
        received: innerOptimizer,
        remedy,
      });
    }
    const { name, scale } = resolveScale(options);
    this.name = name;
    this.#scale = scale;
    this.innerOptimizer = innerOptimizer;
    innerOptimizer.lossScaleFactor = null;
    setModule(this, MODULE);
  }

  static get className(): string {
    return LOSS_SCALE_OPTIMIZER;
  }

  /** The scale now. */
  get dynamicScale(): number {
    return this.#scale.scale;
  }

  /** Finite steps since the scale was changed. */
  get stepCounter(): number {
    return this.#scale.steps;
  }

  override get iterations(): number {
    return this.innerOptimizer.iterations;
  }

  get learningRate(): number {
    return this.innerOptimizer.learningRate;
  }

  set learningRate(source: LearningRateLike) {
    this.innerOptimizer.learningRate = source;
  }

  /** As `RMSprop.minimize`, with the loss multiplied by the scale before gradients are taken. */
  override minimize(
    f: () => tf.Scalar,
    returnCost: boolean | tf.Variable[] = false,
    varList?: tf.Variable[],
  ): tf.Scalar | null {
    const { wanted, variables } = minimizeArguments(LOSS_SCALE_OPTIMIZER, returnCost, varList);
    const { cost, applied } = this.innerOptimizer.minimizeScaled(f, this.dynamicScale, variables, wanted, true);
    this.#scale.update(applied);
    return cost;
  }

  /** The loss, and what `applyGradients` takes: the gradients of the loss multiplied by the scale. */
  override computeGradients(f: () => tf.Scalar, varList?: tf.Variable[]): ValueAndGradients {
    return gradientsOf(LOSS_SCALE_OPTIMIZER, f, this.dynamicScale, varList);
  }

  /** One step with gradients of the scaled loss, or none when one of them is not finite. */
  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    this.#apply(pairsByName(LOSS_SCALE_OPTIMIZER, gradients));
  }

  /** As `applyGradients`, with Keras' arguments. */
  apply(gradients: readonly (tf.Tensor | null)[], variables: readonly tf.Variable[] = this.trainedVariables): void {
    this.#apply(pairsInOrder(LOSS_SCALE_OPTIMIZER, gradients, variables));
  }

  /** The loss to differentiate: multiplied by the scale. `minimize` does it by itself. */
  scaleLoss<T extends tf.Tensor>(loss: T): T {
    return tf.mul<T>(loss, this.dynamicScale);
  }

  /** Keras' order: iteration (0), learning rate (0), step counter, scale, then the inner optimizer's variables. */
  get variables(): OptimizerVariable[] {
    return this.ownState;
  }

  /** As `variables`, with values that are not to be kept. @internal */
  get ownState(): StateVariable[] {
    return [...this.#saved().map(({ variable }) => variable), ...this.innerOptimizer.ownState];
  }

  /** The variables that were trained so far, without those that were disposed of. */
  get trainedVariables(): tf.Variable[] {
    return this.innerOptimizer.trainedVariables;
  }

  /** Replaces the variables by the inner optimizer's moving averages, if it has them. */
  finalizeVariableValues(variables?: readonly tf.Variable[]): void {
    this.innerOptimizer.finalizeVariableValues(variables);
  }

  /** Runs `fn` while the variables hold the inner optimizer's moving averages, and puts their values back. */
  withAverage<T>(fn: () => T): T {
    return this.innerOptimizer.withAverage(fn);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const inner = serializeOptimizer(this.innerOptimizer, this.innerOptimizer.getClassName());
    // A config holds nothing but JSON.
    return scaleConfig(this.name, this.#scale, inner) as tf.serialization.ConfigDict;
  }

  /** `fromConfig(config)` with Keras' JSON, or `fromConfig(cls, config)` as TensorFlow.js calls it. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    type: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T;
  static override fromConfig(config: KerasConfig, customObjects?: CustomObjects): LossScaleOptimizer;
  static override fromConfig(first: unknown, second: KerasConfig = {}): unknown {
    const { inner, options } = innerAndOptions(kerasConfig(first, second));
    const classes = {
      ...byClassName(defineOptimizer),
      ...knownObjects(),
      ...(typeof first === "function" ? {} : second),
    };
    const optimizer = deserializeOptimizer(LOSS_SCALE_OPTIMIZER, "inner_optimizer", inner, classes);
    return new LossScaleOptimizer(optimizer as Optimizer, options); // which checks it
  }

  /** All own variables and those of the inner optimizer as named tensors. They stay the optimizer's. */
  override async getWeights(): Promise<NamedTensor[]> {
    this.innerOptimizer.checkAlive();
    const count = this.#saved().length;
    const values = await this.savedState.values();
    const inner = this.innerOptimizer.savedState.tensorsOf(values.slice(count));
    return [...this.#weights.named(values.slice(0, count)), ...inner];
  }

  /** Restores what `getWeights` gave. Throws StateMismatchError and changes nothing. */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    this.innerOptimizer.checkUsable();
    const read = await readWeights(LOSS_SCALE_OPTIMIZER, weights);
    this.savedState.checked(read)();
  }

  /** What is saved and restored, by name. @internal */
  get savedState(): Pick<SavedState, "values" | "checked"> {
    const own = this.#saved();
    const inner = this.innerOptimizer.savedState;
    return {
      values: async () => (await Promise.all([savedWeights(own, []), inner.values()])).flat(),
      checked: (read) => {
        const { restore } = checkedRestore(LOSS_SCALE_OPTIMIZER, own, read.slice(0, own.length));
        const restoreInner = inner.checked(read.slice(own.length));
        return () => {
          restore();
          restoreInner();
        };
      },
    };
  }

  override dispose(): void {
    this.innerOptimizer.dispose();
    this.#weights.dispose();
  }

  #apply(pairs: readonly Pair[]): void {
    this.#scale.update(this.innerOptimizer.applyPairs(pairs, this.dynamicScale, true));
  }

  #saved(): NamedVariable[] {
    const counters = scaleVariables(LOSS_SCALE_OPTIMIZER, this.name, this.#scale);
    return counters.map((variable) => ({ name: variable.path, owner: null, variable, slot: null }));
  }
}

// Here rather than in register.ts, since a bundler keeps it wherever the class is used.
tf.serialization.registerClass(LossScaleOptimizer);
