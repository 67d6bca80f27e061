// Reading and writing the arrays of the js and wasm engines, wherever they lie. What is computed on them is in js/ and wasm/.
import { lengthOf, ownCopy, ownView } from "../check/built-ins.js";
import type { FloatArray, HostArray, HostEngine } from "./engine.js";

/** The classes of arrays by type. */
export const FLOAT_ARRAYS: { readonly float32: Float32ArrayConstructor; readonly float64: Float64ArrayConstructor } = {
  float32: Float32Array,
  float64: Float64Array,
};

/** The part of an engine that only moves values; the same for both of those engines. */
export const arrays: Pick<HostEngine, "free" | "read" | "expose" | "write" | "copy" | "clone"> = {
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
export const viewOf = (array: HostArray): FloatArray => (isView(array) ? array : array.view);

/** The view of an array that is to be written; a ReferenceError where its memory is gone. */
function writableOf(array: HostArray, length: number): FloatArray {
  const view = isView(array) ? ownView(array) : array.view;
  if (view.length >= length) return view;
  throw new ReferenceError("rmsprop: the memory of this array was transferred or resized. Pass the new array.");
}

/** The number of elements. */
export const sizeOfArray = (array: HostArray): number => (isView(array) ? lengthOf(array) : array.length);

const isView = (array: HostArray): array is FloatArray => ArrayBuffer.isView(array);
