// What users write with "rmsprop/tfjs".
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  Adam,
  FinalizeCallback,
  fit as fitToAverages,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  saveCheckpoint,
} from "rmsprop/tfjs";

export async function train(momentum?: number): Promise<tfl.History> {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [4] })] });
  const optimizer: tf.Optimizer = new RMSprop({ momentum, useEma: true });
  model.compile({ optimizer, loss: "meanSquaredError" });
  await model.fit(tf.zeros([8, 4]), tf.zeros([8, 1]), { callbacks: new FinalizeCallback(model) });
  return fitToAverages(model, tf.zeros([8, 4]), tf.zeros([8, 1]), { epochs: 2, verbose: 0 });
}

export function minimize(weights: tf.Variable, beta1?: number): Uint8Array {
  const optimizer = new LossScaleOptimizer(new Adam({ beta1 }), { dynamicGrowthSteps: undefined });
  const cost: tf.Scalar | null = optimizer.minimize(() => tf.sum(tf.square(weights)), true, [weights]);
  cost?.dispose();
  const bytes = saveCheckpoint(optimizer, [weights]);
  loadCheckpoint(bytes, optimizer, [weights]);
  return bytes;
}
