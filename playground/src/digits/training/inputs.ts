// What the networks see of an image. With a stuck pixel it is like data whose columns have different units.
import { PIXELS, type Split } from "../../../../examples/digits/data.js";
import type { Inputs } from "../../settings.js";

/** The last one of the first row, where hardly any digit has ink. */
const STUCK_PIXEL = 7;
/** What it always says; full ink is 1. */
export const STUCK_INK = 30;

/** The images, pixel by pixel, as the networks see them. */
export function seenPixels(pixels: Float32Array, inputs: Inputs): Float32Array {
  return inputs === "clean" ? pixels : pixels.map((ink, i) => (i % PIXELS === STUCK_PIXEL ? STUCK_INK : ink));
}

export function seenSplit({ training, heldOut }: Split, inputs: Inputs): Split {
  return {
    training: { ...training, pixels: seenPixels(training.pixels, inputs) },
    heldOut: { ...heldOut, pixels: seenPixels(heldOut.pixels, inputs) },
  };
}
