// fit() as Keras has it: when training ends, the weights become their moving averages.
import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

type Scheduling = Pick<tfl.ModelFitArgs, "callbacks" | "yieldEvery">;

/** An optimizer that has averages to put in place. */
interface Finalizing {
  readonly trainedVariables: readonly tf.Variable[];
  finalizeVariableValues(variables: readonly tf.Variable[]): void;
}

/**
 * For `model.fit` and `model.fitDataset`: finalizes the trainable weights of the model after the last epoch, if one ran, as
 * Keras' fit does. Put it first, so that other callbacks' `onTrainEnd` see the final weights. Does nothing for
 * optimizers without averages.
 */
export class FinalizeCallback extends tfl.Callback {
  #epochs = 0;

  /** Begins to count. */
  override async onTrainBegin(): Promise<void> {
    this.#epochs = 0;
  }

  /** Counts epochs. */
  override async onEpochEnd(): Promise<void> {
    this.#epochs++;
  }

  /** Puts the averages in place, if an epoch ran. */
  override async onTrainEnd(): Promise<void> {
    const { optimizer, trainableWeights } = this.model;
    if (this.#epochs === 0 || !isFinalizing(optimizer)) return;
    const own = new Set<tf.Tensor>(trainableWeights.map((weight) => weight.read()));
    optimizer.finalizeVariableValues(optimizer.trainedVariables.filter((variable) => own.has(variable)));
  }
}

/** `model.fit(x, y, args)`, after which the weights are the optimizer's moving averages if it keeps any. */
export async function fit(
  model: tfl.LayersModel,
  x: Parameters<tfl.LayersModel["fit"]>[0],
  y: Parameters<tfl.LayersModel["fit"]>[1],
  args: tfl.ModelFitArgs = {},
): Promise<tfl.History> {
  return model.fit(x, y, { ...args, callbacks: withFinalize(args) });
}

/** `model.fitDataset(dataset, args)`, after which the weights are the optimizer's moving averages if it keeps any. */
export async function fitDataset<T>(
  model: tfl.LayersModel,
  dataset: Parameters<typeof model.fitDataset<T>>[0],
  args: tfl.ModelFitDatasetArgs<T>,
): Promise<tfl.History> {
  return model.fitDataset(dataset, { ...args, callbacks: withFinalize(args) });
}

/**
 * TensorFlow.js takes callbacks, or objects of functions, but no mixture; and what lets a page breathe (`yieldEvery`) is in
 * those that it makes of the objects.
 */
function withFinalize({ callbacks, yieldEvery }: Scheduling): tfl.CustomCallback[] {
  const given = callbacks ?? {};
  const list = Array.isArray(given) ? given : [given];
  const wrapped = list.map((item) => ("setParams" in item ? item : new tfl.CustomCallback(item, yieldEvery)));
  return [new FinalizeCallback(), ...wrapped] as tfl.CustomCallback[];
}

function isFinalizing(optimizer: object): optimizer is Finalizing {
  return "finalizeVariableValues" in optimizer;
}
