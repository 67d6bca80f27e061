// The rows of one kind of call, kept from call to call: when the call is the same again, so are they.
import type { Batch, Row } from "../../engine/engine.js";

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
  if (batch.version === 0 || batch.indices.length !== indices.length) return false;
  // A loop of its own: in each step it sees all variables, and one that meets other lists, too, is slower.
  for (let i = 0; i < indices.length; i++) {
    if (batch.indices[i] !== indices[i] || batch.gradients[i] !== gradients[i]) return false;
  }
  return true;
}
