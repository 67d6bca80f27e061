// Arrays of an engine that hold something else for a while: the values that they had, and how they come back.
import type { Engine, FloatArray } from "../../engine/engine.js";
import { putBack } from "./undo.js";

/** The elements, to be kept. */
export function copyOf<A>(engine: Engine<A>, array: A): FloatArray {
  return engine.read(array).slice();
}

/** Copies of what the holders' arrays hold. The result puts back what is still there. */
export function keepArrays<A>(engine: Engine<A>, holders: readonly { readonly array: A }[]): () => void {
  const kept = holders.map(({ array }) => ({ array, before: copyOf(engine, array) }));
  return () => putBack(kept, ({ array, before }) => engine.write(array, before));
}

/** Puts other values into arrays, where engines need no copy outside. The result puts back what is still there. */
export function showInstead<A>(
  engine: Engine<A>,
  shown: readonly { readonly array: A; readonly instead: A }[],
): () => void {
  const kept = shown.map(({ array }) => ({ array, before: engine.clone(array) }));
  const restore = (): void => {
    try {
      putBack(kept, ({ array, before }) => engine.copy(before, array));
    } finally {
      for (const { before } of kept) engine.free(before);
    }
  };
  try {
    for (const { array, instead } of shown) engine.copy(instead, array);
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}
