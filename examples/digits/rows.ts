// The rows of a run as tensors: those to train on in an order that is drawn anew for each epoch, and those held out.
import * as tf from "@tensorflow/tfjs-core";
import { createRandom, shuffledIndices } from "../shared/random.js";
import { CLASSES, type Digits, PIXELS, type Split } from "./data.js";

/** Images, and their digits as one of ten. */
type Pair = { readonly x: tf.Tensor; readonly y: tf.Tensor };

/** Call `shuffle` before each epoch; `x` and `y` are to train on. */
export interface Rows extends Pair {
  readonly heldOut: Pair;
  shuffle(): void;
  dispose(): void;
}

/** The rows of a run that has had `initialEpoch` epochs: the order of an epoch follows from those before it. */
export function createRows(data: Split, seed: number, initialEpoch = 0): Rows {
  const sources = toTensors(data.training);
  const heldOut = toTensors(data.heldOut);
  // tfjs' own shuffle takes no seed: the rows are held in variables, which get a new order before each epoch.
  const x = tf.variable(sources.x, false);
  const y = tf.variable(sources.y, false);
  const random = createRandom(seed);
  const draw = (): Int32Array => shuffledIndices(data.training.labels.length, random);
  for (let epoch = 0; epoch < initialEpoch; epoch++) draw();
  return {
    ...{ x, y, heldOut },
    shuffle: () => reorder([x, y], [sources.x, sources.y], draw()),
    dispose: () => tf.dispose([x, y, sources, heldOut]),
  };
}

function toTensors({ pixels, labels }: Digits): Pair {
  const x = tf.tensor2d(pixels, [labels.length, PIXELS]);
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(labels), "int32"), CLASSES), "float32"));
  return { x, y };
}

function reorder(variables: readonly tf.Variable[], sources: readonly tf.Tensor[], order: Int32Array): void {
  tf.tidy(() => {
    const indices = tf.tensor1d(order, "int32");
    variables.forEach((variable, index) => {
      variable.assign(tf.gather(sources[index] ?? variable, indices));
    });
  });
}
