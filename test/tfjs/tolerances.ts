// Where the bits of a tensor are not those of core, by how much, and why. Everything else is compared bit by bit.
import type { Backend } from "./backends.js";

export interface Tolerance {
  readonly backend: Backend;
  readonly option: "clipnorm" | "globalClipnorm";
  /** The greatest distance of an element of the clipped gradient, in units of the last place; measured. */
  readonly ulp: number;
  readonly reason: string;
}

export const TOLERANCES: readonly Tolerance[] = [];
