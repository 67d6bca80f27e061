// What a run of this tab is made of: what decides it, and how it went.
import type { Score } from "../../../examples/digits/train.js";
import type { EngineName, Inputs } from "../settings.js";

/** What decides initial weights, batches and what is in them. */
export interface Course {
  readonly seed: number;
  readonly batchSize: number;
  readonly inputs: Inputs;
}

/** A course, and what both contestants are trained on. A checkpoint goes on on any engine, and does not tell of it. */
export interface Contested extends Course {
  readonly engine: EngineName;
}

/** What is known after an epoch; before the first there is no training score. `average` is that of the EMA weights. */
export interface EpochScore {
  readonly training: Score | null;
  readonly heldOut: Score;
  readonly average: Score | null;
  readonly ms: number;
}
