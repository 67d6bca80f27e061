// Reading and writing the arrays of core, wherever they lie. What is computed on them is in engine/js/engine.ts and wasm/.
import { lengthOf, ownCopy, ownView } from "../check/built-ins.js";
import type { CoreArray, FloatArray } from "./engine.js";

/** The part of an engine that only moves values; the same for every engine of core. */
export const arrays: {
  free(array: CoreArray): void;
  read(array: CoreArray): FloatArray;
  expose(array: CoreArray): FloatArray;
  write(array: CoreArray, values: ArrayLike<number>): void;
  copy(from: CoreArray, to: CoreArray): void;
  clone(array: CoreArray): CoreArray;
} = {
  free: (array) => {
    if (!isView(array)) array.free();
  },
  read: (array) => (isView(array) ? ownView(array) : array.view),
  expose: (array) => (isView(array) ? array : array.expose()),
  write: (array, values) => writableOf(array, values.length).set(values),
  copy: (from, to) => {
    const values = viewOf(from);
    writableOf(to, lengthOf(values)).set(values);
  },
  clone: (array) => ownCopy(viewOf(array)),
};

/**
 * The elements. An array of the user's is as it came, and may be of a class that answers as it likes: ask for its length and
 * its parts in check/built-ins.ts.
 */
export function viewOf(array: CoreArray): FloatArray {
  return isView(array) ? array : array.view;
}

/** The view of an array that is to be written; a ReferenceError where its memory is gone. */
function writableOf(array: CoreArray, length: number): FloatArray {
  const view = isView(array) ? ownView(array) : array.view;
  if (view.length >= length) return view;
  throw new ReferenceError("rmsprop: the memory of this array was transferred or resized. Pass the new array.");
}

/** The number of elements. */
export function sizeOfArray(array: CoreArray): number {
  return isView(array) ? lengthOf(array) : array.length;
}

function isView(array: CoreArray): array is FloatArray {
  return ArrayBuffer.isView(array);
}
