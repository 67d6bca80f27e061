// A fit with callbacks of this package in a bundle, where TensorFlow.js does not know them, and with backups in IndexedDB.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import {
  BackupAndRestore,
  EarlyStopping,
  fit as fitModel,
  ModelCheckpoint,
  RMSprop,
  SwapEMAWeights,
} from "rmsprop/tfjs";

export interface Survived {
  /** The epochs of this fit; null for one that was interrupted. */
  readonly epochs: readonly number[] | null;
  readonly weights: readonly number[];
  /** Weights of the model that was saved last. */
  readonly saved: readonly number[];
}

/** Trains for eight epochs with backups under a name, or up to one that throws. */
export async function fitWithBackups(name: string, throwIn: number | null): Promise<Survived> {
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ units: 1, inputShape: [2], kernelInitializer: "ones" })],
  });
  model.compile({ optimizer: new RMSprop({ momentum: 0.5, useEma: true }), loss: "meanSquaredError" });
  const rows = Array.from({ length: 16 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
  const [x, y] = [tf.tensor2d(rows), tf.tensor2d(rows.map(([a = 0, b = 0]) => [a - 2 * b]))];
  const onEpochBegin = async (epoch: number) => {
    if (epoch === throwIn) throw new Error("interrupted");
  };
  const callbacks = [
    new BackupAndRestore(name),
    new SwapEMAWeights({ swapOnEpoch: true }),
    new EarlyStopping({ monitor: "val_loss", patience: 20 }),
    new ModelCheckpoint("localstorage://survive-{epoch:02d}"),
    { onEpochBegin },
  ] as tfl.CustomCallbackArgs[];
  const args = { epochs: 8, batchSize: 4, shuffle: false, verbose: 0 as const, callbacks };
  const validationData: [tf.Tensor, tf.Tensor] = [x, y];
  const training = fitModel(model, x, y, { ...args, validationData });
  const history = await training.catch((error: Error) => {
    if (error.message !== "interrupted") throw error;
    return null;
  });
  const last = throwIn === null ? "localstorage://survive-08" : null;
  const saved = last === null ? null : await tfl.loadLayersModel(last);
  return {
    epochs: history?.epoch ?? null,
    weights: numbersIn(model),
    saved: saved === null ? [] : numbersIn(saved),
  };
}

const numbersIn = (model: tfl.LayersModel): number[] => model.getWeights().flatMap((weight) => [...weight.dataSync()]);
