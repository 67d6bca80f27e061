// The network over arrays of jax-js: parameters, loss and scores, each a function that uses up its arguments.
import { nn, numpy as np, tree } from "@jax-js/jax";
import { CLASSES, type Digits, PIXELS } from "../digits/data.js";
import { createRandom, type Random } from "../shared/random.js";

const HIDDEN = 128;
/** The network in words. */
export const NETWORK = `${PIXELS}-${HIDDEN}-${CLASSES}, dense, relu and softmax`;

type Layer = { kernel: np.Array; bias: np.Array };
export type Params = { hidden: Layer; output: Layer };
export type Batch = { x: np.Array; y: np.Array };

/** Glorot-uniform kernels and zero biases; the same seed gives the same ones. */
export function createParams(seed: number): Params {
  const random = createRandom(seed + 1);
  return { hidden: createLayer(random, PIXELS, HIDDEN), output: createLayer(random, HIDDEN, CLASSES) };
}

/** The mean cross-entropy in nats, and the share of digits told right: an array of both. */
export function scoresOf(params: Params, { x, y }: Batch): np.Array {
  const logits = logitsOf(params, x);
  const right = np.equal(np.argmax(logits.ref, -1), np.argmax(y.ref, -1)).astype(np.float32).mean();
  return np.stack([crossEntropy(logits, y), right]);
}

/** The mean cross-entropy in nats: what is made small. */
export function lossOf(params: Params, { x, y }: Batch): np.Array {
  return crossEntropy(logitsOf(params, x), y);
}

/** Rows of the data as arrays, the digits one-hot. */
export function toBatch({ pixels, labels }: Digits, rows: Int32Array): Batch {
  const x = new Float32Array(rows.length * PIXELS);
  const y = new Float32Array(rows.length * CLASSES);
  rows.forEach((row, i) => {
    x.set(pixels.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS);
    y[i * CLASSES + (labels[row] ?? 0)] = 1;
  });
  return { x: np.array(x, { shape: [rows.length, PIXELS] }), y: np.array(y, { shape: [rows.length, CLASSES] }) };
}

/** All weights in one list. */
export function weightsOf(params: Params): Float32Array {
  return Float32Array.from(tree.leaves<np.Array>(params).flatMap((leaf) => [...leaf.ref.dataSync()]));
}

function logitsOf({ hidden, output }: Params, x: np.Array): np.Array {
  const active = nn.relu(np.matmul(x, hidden.kernel).add(hidden.bias));
  return np.matmul(active, output.kernel).add(output.bias);
}

function crossEntropy(logits: np.Array, y: np.Array): np.Array {
  return nn.logSoftmax(logits, -1).mul(y).sum(-1).mean().mul(-1);
}

function createLayer(random: Random, inputs: number, outputs: number): Layer {
  const limit = Math.sqrt(6 / (inputs + outputs));
  const kernel = Float32Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * limit);
  return { kernel: np.array(kernel, { shape: [inputs, outputs] }), bias: np.zeros([outputs]) };
}
