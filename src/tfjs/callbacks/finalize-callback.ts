// The callback that puts the averages in place when training ends.
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { StateError } from "../../check/errors.js";
import { constrainCompiled } from "../constraints/compiled.js";
import type { Optimizer } from "../optimizer-class.js";
import { CallbackBase } from "./callback-base.js";

/** An optimizer that has averages to put in place. */
type Finalizing = Pick<Optimizer, "trainedVariables" | "finalizeVariableValues">;

/**
 * For `model.fit` and `model.fitDataset`: finalizes the trainable weights of the model after the last epoch, if one ran, as
 * Keras' fit does. Does nothing for optimizers without averages. Before the first epoch it calls `optimizer.constrain(model)`.
 *
 * On Node put it first, so that other callbacks' `onTrainEnd` see the final weights. In a bundle it is no callback of
 * `@tensorflow/tfjs-layers`, which would have to be in every bundle for its sake: there pass it the model and put it last, or
 * call `fit` of `"rmsprop/tfjs"`, which needs neither.
 */
export class FinalizeCallback extends CallbackBase {
  #epochs = 0;

  /** @param model that is trained, where TensorFlow.js does not tell: in bundles, and for a model of another copy of it. */
  constructor(model: tfl.LayersModel | null = null) {
    super();
    if (model !== null) this.model = model;
    // Where TensorFlow.js takes this for an object of functions, it calls them on an object of its own.
    this.onTrainBegin = this.onTrainBegin.bind(this);
    this.onEpochEnd = this.onEpochEnd.bind(this);
    this.onTrainEnd = this.onTrainEnd.bind(this);
  }

  /** Takes a model of any copy of TensorFlow.js. */
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    this.model = model as tfl.LayersModel; // what is trained is nothing else
  }

  /** Begins to count, and has the optimizer apply the constraints of the model's layers. */
  override async onTrainBegin(): Promise<void> {
    this.#epochs = 0;
    if (this.model) {
      constrainCompiled(this.model);
      return;
    }
    const problem =
      "the model is of another copy of TensorFlow.js, or in a bundle, where callbacks are not told about it.";
    const remedy = 'Pass new FinalizeCallback(model), or call fit(model, ...) of "rmsprop/tfjs".';
    throw new StateError("FinalizeCallback", `${problem} ${remedy}`);
  }

  /** Counts epochs. */
  override async onEpochEnd(): Promise<void> {
    this.#epochs++;
  }

  /** Puts the averages in place, if an epoch ran. */
  override async onTrainEnd(): Promise<void> {
    if (this.#epochs > 0) this.finalize();
  }

  /** Puts the averages in place. @internal */
  finalize(): void {
    const { optimizer, trainableWeights } = this.model;
    if (!isFinalizing(optimizer)) return;
    const own = new Set<tf.Tensor>(trainableWeights.map((weight) => weight.read()));
    optimizer.finalizeVariableValues(optimizer.trainedVariables.filter((variable) => own.has(variable)));
  }
}

const isFinalizing = (optimizer: object): optimizer is Finalizing => "finalizeVariableValues" in optimizer;
