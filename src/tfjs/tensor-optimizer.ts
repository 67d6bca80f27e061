// class TensorOptimizer: a tf.Optimizer of which `instanceof` means the class, which frameworks do not wrap, and which trains
// and is saved as all optimizers of this face.
import * as tf from "@tensorflow/tfjs-core";
import { stateOf } from "../core/state/own-state.js";
import type { OptimizerVariable } from "../core/state/state.js";
import { checkCompiled } from "./constraints/compiled.js";
import { type Constrainable, layerWeightsOf } from "./constraints/layer-weights.js";
import { pairsByName, pairsInOrder } from "./gradients.js";
import { gradientsOf, minimizeArguments, minimizeOnce, type ValueAndGradients } from "./loss.js";
import { type NamedTensor, readWeights } from "./state/weights.js";
import { applyPairs, lossScaleOf, trainingOf, trainsOver } from "./training.js";

export abstract class TensorOptimizer extends tf.Optimizer {
  /** tf.Optimizer says yes to every optimizer; this says yes to those of the class that is asked. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** As in check/unwrapped.ts. */
  get [Symbol.toStringTag](): string {
    return this.constructor.name;
  }

  /** As in check/unwrapped.ts. @internal */
  get [Symbol.iterator](): undefined {
    return undefined;
  }

  /** The variables that were trained so far, without those that were disposed of. */
  get trainedVariables(): tf.Variable[] {
    return trainingOf(this).run.variables;
  }

  /**
   * The norm of all gradients together in the last update, before they were clipped: of the loss itself, divided by its
   * scale, and under accumulation of their mean. Null before the first one, and without a clip by norm or `trackNorm`.
   */
  get gradientNorm(): Promise<number | null> {
    return Promise.resolve(trainingOf(this).run.state.norms?.all() ?? null);
  }

  /** The norm of one variable's gradient, as `gradientNorm`; null where it had none in the last update. */
  gradientNormOf(variable: tf.Variable): Promise<number | null> {
    return Promise.resolve(trainingOf(this).run.gradientNormOf(variable));
  }

  /**
   * The optimizer's own variables in Keras' order. Those of a LossScaleOptimizer: iteration (0), learning rate (0), step
   * counter, scale, then the inner optimizer's variables.
   */
  get variables(): OptimizerVariable[] {
    return stateOf(this).list();
  }

  /**
   * Computes the gradients of `f` and makes one step. On cpu and wasm a loss of NaN is a RangeError, and nothing changes; a
   * LossScaleOptimizer, and `skipNonFinite`, leave the step out instead if a gradient is not finite.
   * @param f gives the loss, a scalar. It is scaled by `lossScaleFactor`, or by the scale of a LossScaleOptimizer, before
   *   gradients are taken.
   * @param returnCost return the loss, unscaled; or, as in Keras, the list of variables
   * @param varList the variables to train; by default all trainable ones
   */
  override minimize(
    f: () => tf.Scalar,
    returnCost: boolean | tf.Variable[] = false,
    varList?: tf.Variable[],
  ): tf.Scalar | null {
    const training = trainingOf(this);
    const { wanted, variables } = minimizeArguments(training.argument, returnCost, varList);
    const cost = minimizeOnce(training, f, variables);
    if (wanted) return cost;
    cost.dispose();
    return null;
  }

  /** The loss, and what `applyGradients` takes: the gradients of the loss multiplied by its scale, if there is one. */
  override computeGradients(f: () => tf.Scalar, varList?: tf.Variable[]): ValueAndGradients {
    const training = trainingOf(this);
    return gradientsOf(training.argument, f, lossScaleOf(training), varList);
  }

  /**
   * One step with gradients by the names of their variables, those of the scaled loss; `null` or missing where there is none.
   * A LossScaleOptimizer makes none when one of them is not finite, nor does one with `skipNonFinite`.
   */
  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    const training = trainingOf(this);
    applyPairs(training, pairsByName(training.argument("gradients"), gradients), lossScaleOf(training));
  }

  /**
   * As `applyGradients`, with Keras' arguments: a gradient, or `null`, for each variable. By default, all variables trained so
   * far.
   */
  apply(gradients: readonly (tf.Tensor | null)[], variables: readonly tf.Variable[] = this.trainedVariables): void {
    const training = trainingOf(this);
    applyPairs(training, pairsInOrder(training.argument, gradients, variables), lossScaleOf(training));
  }

  /**
   * From now on each step applies the constraints of a model's layers - `kernelConstraint`, `biasConstraint` and the like, of
   * nested models and wrappers, too - to the variables that it has a gradient for, as Keras' optimizers do: after weight decay
   * and averages, before `apply` returns. TensorFlow.js' own optimizers never do. Call it once after `compile`; `fit`,
   * `fitDataset` and `FinalizeCallback` do it by themselves. Frozen layers are known, too. Another call replaces what was
   * known of the same variables, as after layers were added.
   *
   * TensorFlow.js' four give Keras' numbers. One of your own is applied as tensors, with a copy of all variables and slots kept
   * until it returns, lest a step that fails be half made.
   *
   * Throws a TypeError for anything without layers, a RangeError for a model that is compiled with another optimizer or not
   * built, and for options and axes that do not fit; then nothing has changed.
   */
  constrain(model: Constrainable): void {
    const { argument, run } = trainingOf(this);
    run.checkUsable();
    const weights = layerWeightsOf(argument, model);
    checkCompiled(argument("model"), model, (optimizer) => optimizer === this || trainsOver(optimizer, run));
    run.checkUsable(); // to read the model may have run code of the user's
    run.constraints.take(weights);
  }

  /** The loss to differentiate: multiplied by its scale, if there is one. `minimize` does it by itself. */
  scaleLoss<T extends tf.Tensor>(loss: T): T {
    const scale = lossScaleOf(trainingOf(this));
    return scale === null ? loss : tf.mul<T>(loss, scale);
  }

  /**
   * All own variables as named tensors, the iteration first; with a LossScaleOptimizer's own before those of the inner
   * optimizer. They stay the optimizer's: do not dispose of them.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    const { run, saved } = trainingOf(this);
    run.checkAlive();
    return saved.tensorsOf(await saved.values());
  }

  /**
   * Restores what `getWeights` gave, here or in `tf.train.rmsprop`: slots by the names of their variables, or else by their
   * order. Slots of variables that were not trained yet wait for them. Throws StateMismatchError and changes nothing.
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const { argument, run, saved } = trainingOf(this);
    run.checkUsable();
    const read = await readWeights(argument("weights"), weights);
    saved.checked(read)();
  }
}
