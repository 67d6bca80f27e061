// Where the bits of jax-js are not those of core, by how much, and why. Everything else is compared bit by bit.
import type { Backend } from "./backends.js";

export interface Tolerance {
  readonly backend: Backend;
  readonly option: "clipnorm" | "globalClipnorm";
  /** The greatest distance of an element of the clipped gradient, in units of the last place. */
  readonly ulp: number;
  readonly reason: string;
}

const DOUBLE = "the sum is taken in double and rounded once";

export const TOLERANCES: readonly Tolerance[] = [
  { backend: "wasm", option: "clipnorm", ulp: 2, reason: DOUBLE },
  { backend: "wasm", option: "globalClipnorm", ulp: 4, reason: DOUBLE },
  { backend: "cpu", option: "clipnorm", ulp: 2, reason: DOUBLE },
  { backend: "cpu", option: "globalClipnorm", ulp: 4, reason: DOUBLE },
];
