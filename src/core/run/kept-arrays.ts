// Arrays of an engine that hold something else for a while: the values that they had, and how they come back.
import type { Engine } from "../../engine/engine.js";
import { putBack } from "./undo.js";

/** Copies of what the holders' arrays hold. The result, to be called once at most, puts back what is still there. */
export function keepArrays<A>(engine: Engine<A, never>, holders: readonly { readonly array: A }[]): () => void {
  const kept = holders.map(({ array }) => ({ array, before: engine.clone(array) }));
  return () => {
    try {
      putBack(kept, ({ array, before }) => engine.copy(before, array));
    } finally {
      for (const { before } of kept) engine.free(before);
    }
  };
}
