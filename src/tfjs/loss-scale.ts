// class LossScaleOptimizer of "rmsprop/tfjs": a tf.Optimizer that scales the loss of another one.
import * as tf from "@tensorflow/tfjs-core";
import { badKind } from "../check/errors.js";
import { membersOn } from "../core/members.js";
import {
  holdScale,
  holdScaleState,
  innerAndOptions,
  LOSS_SCALE_OPTIMIZER,
  LossScaleMembers,
  type LossScaleOptions,
  scaleConfig,
  scaleOf,
} from "../core/scale/loss-scale-base.js";
import {
  type CustomObjects,
  deserializeOptimizer,
  type KerasConfig,
  serializeOptimizer,
} from "../core/serialization.js";
import { stateOf } from "../core/state/own-state.js";
import type { OptimizerVariable } from "../core/state/state.js";
import { scaleVariables } from "../core/state/state-variables.js";
import { byClassName } from "../optimizers/index.js";
import { kerasConfig, knownObjects } from "./config.js";
import { type Pair, pairsByName, pairsInOrder } from "./gradients.js";
import { gradientsOf, minimizeArguments, minimizeScaled, type ValueAndGradients } from "./loss.js";
import { Optimizer } from "./optimizer.js";
import { defineOptimizer } from "./optimizer-class.js";
import { tensorRunOf } from "./run.js";
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

type Members = LossScaleMembers<Optimizer, tf.Variable> & TensorOptimizer;

// It is a TensorOptimizer, and has been given the members.
const Base: abstract new () => Members = /* @__PURE__ */ membersOn(
  TensorOptimizer,
  LossScaleMembers,
) as abstract new () => Members;

/**
 * Multiplies the loss by a large factor before gradients are taken, so that they do not vanish in half precision, and
 * divides them again. A step whose gradients are not all finite is left out and halves the factor; after
 * `dynamicGrowthSteps` finite steps in a row it doubles. The answer is awaited in each step, which costs most on webgl and
 * webgpu; over buffers of a device, `rmsprop/webgpu` has one that never waits. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer extends Base {
  readonly name: string;
  readonly innerOptimizer: Optimizer;
  readonly #weights = new Weights();

  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    super();
    if (!(innerOptimizer instanceof Optimizer)) {
      const remedy = 'Pass the RMSprop of "rmsprop/tfjs".';
      const requirement = "be an optimizer of this package";
      const complaint = { owner: LOSS_SCALE_OPTIMIZER, argument: "innerOptimizer", requirement };
      throw badKind({ ...complaint, received: innerOptimizer, remedy });
    }
    this.name = holdScale(this, innerOptimizer, options);
    this.innerOptimizer = innerOptimizer;
    holdScaleState(this, this.name, innerOptimizer);
  }

  static get className(): string {
    return LOSS_SCALE_OPTIMIZER;
  }

  /** As `RMSprop.minimize`, with the loss multiplied by the scale before gradients are taken. */
  override minimize(
    f: () => tf.Scalar,
    returnCost: boolean | tf.Variable[] = false,
    varList?: tf.Variable[],
  ): tf.Scalar | null {
    const { wanted, variables } = minimizeArguments(LOSS_SCALE_OPTIMIZER, returnCost, varList);
    const asked = { lossScale: this.dynamicScale, onlyFinite: true, variables, wanted };
    const { cost, applied } = minimizeScaled(tensorRunOf(this.innerOptimizer), f, asked);
    scaleOf(this).update(applied);
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
    return stateOf(this).list();
  }

  /** The variables that were trained so far, without those that were disposed of. */
  get trainedVariables(): tf.Variable[] {
    return this.innerOptimizer.trainedVariables;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const inner = serializeOptimizer(this.innerOptimizer, this.innerOptimizer.getClassName());
    return scaleConfig(this, inner) as tf.serialization.ConfigDict; // a config holds nothing but JSON
  }

  /** `fromConfig(config)` with Keras' JSON, or `fromConfig(cls, config)` as TensorFlow.js calls it. */
  static fromConfig<T extends tf.serialization.Serializable>(
    type: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T;
  static fromConfig(config: KerasConfig, customObjects?: CustomObjects): LossScaleOptimizer;
  static fromConfig(first: unknown, second: KerasConfig = {}): unknown {
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
    const run = tensorRunOf(this.innerOptimizer);
    run.checkAlive();
    const count = ownCounters(this).length;
    const values = await savedStateOf(this).values();
    const inner = run.saved.tensorsOf(values.slice(count));
    return [...this.#weights.named(values.slice(0, count)), ...inner];
  }

  /** Restores what `getWeights` gave. Throws StateMismatchError and changes nothing. */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    tensorRunOf(this.innerOptimizer).checkUsable();
    const read = await readWeights(LOSS_SCALE_OPTIMIZER, weights);
    savedStateOf(this).checked(read)();
  }

  override dispose(): void {
    super.dispose();
    this.#weights.dispose();
  }

  #apply(pairs: readonly Pair[]): void {
    scaleOf(this).update(tensorRunOf(this.innerOptimizer).applyIfFinite(pairs, this.dynamicScale));
  }
}

/** What is saved and restored of an optimizer of this face, by name. */
export function savedStateOf(optimizer: Optimizer | LossScaleOptimizer): Pick<SavedState, "values" | "checked"> {
  if (!(optimizer instanceof LossScaleOptimizer)) return tensorRunOf(optimizer).saved;
  const own = ownCounters(optimizer);
  const inner = tensorRunOf(optimizer.innerOptimizer).saved;
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

function ownCounters(optimizer: LossScaleOptimizer): NamedVariable[] {
  const counters = scaleVariables(LOSS_SCALE_OPTIMIZER, optimizer.name, scaleOf(optimizer));
  return counters.map((variable) => ({ name: variable.path, owner: null, variable, slot: null }));
}

// Here rather than in register.ts, since a bundler keeps it wherever the class is used.
tf.serialization.registerClass(LossScaleOptimizer);
