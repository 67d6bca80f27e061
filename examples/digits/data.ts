// The digits as plain arrays: parsed, shuffled by a seed, split into rows to train on and rows held out. The file
// is found in load.ts; tensors begin in rows.ts.
import { createRandom, shuffledIndices } from "../shared/random.js";

/** Pixels of one image. */
export const PIXELS = 64;
/** Digits to tell apart. */
export const CLASSES = 10;
/** Ink of a pixel that is all black in the file; here it is 1. */
export const MAX_INK = 16;
const HELD_OUT_SHARE = 0.2;

/** Images and their digits: `pixels` holds 64 numbers from 0 to 1 for each of `labels`. */
export interface Digits {
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
}

/** The rows to train on, and the rows that training never sees. */
export interface Split {
  readonly training: Digits;
  readonly heldOut: Digits;
}

/** The digits in the text of digits.csv, ink scaled from 0..16 to 0..1. */
export function parseDigits(text: string): Digits {
  const rows = text.trim().split("\n");
  const pixels = new Float32Array(rows.length * PIXELS);
  const labels = new Uint8Array(rows.length);
  rows.forEach((row, index) => {
    const numbers = row.split(",").map(Number);
    pixels.set(
      numbers.slice(0, PIXELS).map((ink) => ink / MAX_INK),
      index * PIXELS,
    );
    labels[index] = numbers[PIXELS] ?? 0;
  });
  return { pixels, labels };
}

/** Shuffles the rows by `seed` and holds out a fifth of them. */
export function splitDigits(digits: Digits, seed: number): Split {
  const order = shuffledIndices(digits.labels.length, createRandom(seed));
  const trainingCount = Math.floor(order.length * (1 - HELD_OUT_SHARE));
  return {
    training: pick(digits, order.subarray(0, trainingCount)),
    heldOut: pick(digits, order.subarray(trainingCount)),
  };
}

function pick(digits: Digits, rows: Int32Array): Digits {
  const pixels = new Float32Array(rows.length * PIXELS);
  const labels = new Uint8Array(rows.length);
  rows.forEach((row, index) => {
    pixels.set(digits.pixels.subarray(row * PIXELS, (row + 1) * PIXELS), index * PIXELS);
    labels[index] = digits.labels[row] ?? 0;
  });
  return { pixels, labels };
}
