// The rows of one kind of call, kept from call to call: when the call is the same again, so are they.
import type { Batch, Row } from "../engine/engine.js";
import { isSame } from "./lists.js";

/** The rows of a call, with what the call was. */
export interface CallBatch<A> extends Batch<A> {
  readonly rows: Row<A>[];
  version: number;
  indices: readonly number[];
  gradients: readonly (A | null)[];
}

/** Whether a call is the one that the batch was made for. */
export function isSameCall<A>(
  batch: CallBatch<A>,
  indices: readonly number[],
  gradients: readonly (A | null)[],
): boolean {
  return batch.version > 0 && isSame(batch.indices, indices) && isSame(batch.gradients, gradients);
}
