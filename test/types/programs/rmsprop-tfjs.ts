// What users write with "rmsprop/tfjs".
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  Adam,
  BackupAndRestore,
  type BackupStore,
  EarlyStopping,
  FinalizeCallback,
  fit as fitToAverages,
  LearningRateScheduler,
  LossScaleOptimizer,
  loadCheckpoint,
  ModelCheckpoint,
  MultiOptimizer,
  OptimizerMap,
  ReduceLROnPlateau,
  RMSprop,
  SGD,
  SwapEMAWeights,
  saveCheckpoint,
  TerminateOnNaN,
} from "rmsprop/tfjs";

export async function train(momentum?: number): Promise<tfl.History> {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [4] })] });
  const optimizer: tf.Optimizer = new RMSprop({ momentum, useEma: true });
  model.compile({ optimizer, loss: "meanSquaredError" });
  await model.fit(tf.zeros([8, 4]), tf.zeros([8, 1]), { callbacks: new FinalizeCallback(model) });
  return fitToAverages(model, tf.zeros([8, 4]), tf.zeros([8, 1]), { epochs: 2, verbose: 0 });
}

export function trainWithCallbacks(
  model: tfl.LayersModel,
  store: BackupStore,
  patience?: number,
): Promise<tfl.History> {
  const callbacks = [
    new LearningRateScheduler((epoch: number, rate: number) => rate / (epoch + 1)),
    new ReduceLROnPlateau({ patience, factor: undefined }),
    new EarlyStopping({ patience, mode: "min", restoreBestWeights: true }),
    new TerminateOnNaN({ raiseError: undefined }),
    new ModelCheckpoint("indexeddb://best", { saveBestOnly: true, saveFreq: "epoch" }),
    new SwapEMAWeights({ swapOnEpoch: true }),
    new BackupAndRestore(store, { saveFreq: 2 }),
  ];
  return fitToAverages(model, tf.zeros([8, 4]), tf.zeros([8, 1]), { callbacks });
}

export function minimize(weights: tf.Variable, beta1?: number): Uint8Array {
  const optimizer = new LossScaleOptimizer(new Adam({ beta1 }), { dynamicGrowthSteps: undefined });
  const cost: tf.Scalar | null = optimizer.minimize(() => tf.sum(tf.square(weights)), true, [weights]);
  cost?.dispose();
  const bytes = saveCheckpoint(optimizer, [weights]);
  loadCheckpoint(bytes, optimizer, [weights]);
  return bytes;
}

export function trainConstrained(weightDecay?: number): Promise<tfl.History> {
  const kernelConstraint = tfl.constraints.maxNorm({ maxValue: 1, axis: 0 });
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [4], kernelConstraint })] });
  const map = new OptimizerMap(new Adam({ weightDecay }), { ".*/bias": new SGD({ name: undefined }) });
  const optimizer = new MultiOptimizer(map, { globalClipnorm: 1, trackNorm: undefined, skipNonFinite: true });
  model.compile({ optimizer, loss: "meanSquaredError" });
  optimizer.constrain(model);
  optimizer.flush();
  const chosen: tf.Optimizer = new MultiOptimizer((variable) => (variable.name === "w" ? new SGD() : new Adam()));
  chosen.dispose();
  return model.fit(tf.zeros([8, 4]), tf.zeros([8, 1]), { epochs: 1 });
}

export async function normsOf(weights: tf.Variable, trackNorm?: boolean): Promise<number | null> {
  const optimizer = new RMSprop({ trackNorm, skipNonFinite: undefined });
  optimizer.minimize(() => tf.sum(tf.square(weights)), false, [weights]);
  const skipped: number = await optimizer.skipped;
  const norm = await optimizer.gradientNorm;
  return norm === null ? null : norm + skipped;
}
