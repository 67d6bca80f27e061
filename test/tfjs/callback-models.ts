// The small model of keras_callbacks.py, with its weights and data, for tests of callbacks. No test framework:
// child processes use it, too.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type * as rmsprop from "rmsprop/tfjs";

/** Data in the order in which Keras sees them, and validation. */
export interface Rows {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  readonly validationData: [tf.Tensor, tf.Tensor];
}

const numbers = (count: number, shift: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(i * 1.7 + shift));

function rowsOf(count: number, shift: number): [tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const x = tf.tensor2d(numbers(count * 3, shift), [count, 3]);
    return [x, tf.cos(tf.mul(tf.sum(x, 1, true), 2))];
  });
}

/** A model that is compiled, with fixed weights. */
export function smallModel(optimizer: tf.Optimizer | string, metrics: string[] = ["mae"]): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ units: 4, activation: "tanh", inputShape: [3] }), tfl.layers.dense({ units: 1 })],
  });
  tf.tidy(() => {
    const weights = model.getWeights().map(({ shape, size }, i) => tf.div(tf.tensor(numbers(size, i), shape), 2));
    model.setWeights(weights);
  });
  model.compile({ optimizer, loss: "meanSquaredError", metrics });
  return model;
}

/** The data of Keras' run; dispose of them. */
export function smallData(): Rows {
  const [x, y] = rowsOf(8, 0);
  return { x, y, validationData: rowsOf(5, 9) };
}

/** Runs `body` with data, and disposes of them, of the model and of the optimizer. */
export async function withModel<O extends tf.Optimizer>(
  optimizer: O,
  body: (made: Rows & { readonly model: tfl.LayersModel; readonly optimizer: O }) => Promise<void>,
  metrics?: string[],
): Promise<void> {
  const model = smallModel(optimizer, metrics);
  const { x, y, validationData } = smallData();
  try {
    await body({ x, y, validationData, model, optimizer });
  } finally {
    model.dispose();
    optimizer.dispose();
    tf.dispose([x, y, validationData]);
  }
}

export const USUAL = { batchSize: 4, shuffle: false, verbose: 0 } as const;

/** The data in batches of four as a dataset. */
export function batchesOf({ x, y }: Pick<Rows, "x" | "y">): Parameters<typeof rmsprop.fitDataset>[1] {
  const iterator = async () => {
    let at = 0;
    const next = async () => {
      if (at >= 8) return { value: null, done: true };
      const [xs, ys] = [tf.slice(x, [at, 0], [4, 3]), tf.slice(y, [at, 0], [4, 1])];
      at += 4;
      return { value: { xs, ys }, done: false };
    };
    return { next };
  };
  return { iterator, size: 2 } as unknown as Parameters<typeof rmsprop.fitDataset>[1]; // all that fitDataset asks of one
}

/** A store in memory, whose files can be looked at. */
export function memoryStore(): rmsprop.BackupStore & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    read: (name) => files.get(name)?.slice() ?? null,
    write: async (name, bytes) => void files.set(name, bytes.slice()),
    remove: (name) => void files.delete(name),
  };
}
