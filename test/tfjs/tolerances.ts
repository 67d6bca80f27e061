// Where the bits of steps made of TensorFlow.js' own operations are not those of core, by how much, and why. Everything
// else, and all of fused steps, is compared bit by bit.
import type { Backend } from "./backends.js";

export interface Tolerance {
  readonly backend: Backend;
  readonly option: "clipnorm" | "globalClipnorm";
  /** The greatest distance of an element of the clipped gradient, in units of the last place: seen in 1,500 drawn sets. */
  readonly ulp: number;
  readonly reason: string;
}

const DOUBLE = "the sum is taken in double and rounded once";
const SEQUENCE = "the sum is taken in sequence, so the distance grows with the size; here 5,000 elements at most";

export const TOLERANCES: readonly Tolerance[] = [
  { backend: "cpu", option: "clipnorm", ulp: 2, reason: DOUBLE },
  { backend: "cpu", option: "globalClipnorm", ulp: 4, reason: DOUBLE },
  { backend: "wasm", option: "clipnorm", ulp: 38, reason: SEQUENCE },
  { backend: "wasm", option: "globalClipnorm", ulp: 34, reason: SEQUENCE },
];

/** On the webgl backend of pages, by how much fixtures of Keras that need a norm are missed. All others are not. */
export const PAGE_TOLERANCE: { readonly ulp: number; readonly reason: string } = {
  // The greatest distance of an element of any variable or slot after the last call, in units of the last place.
  ulp: 16,
  reason: "the sum is taken by another tree",
};
