// Other values in the arrays of an HDF5 file: in a copy of it, each where it lies. When an array cannot be replaced in its
// place, since it is packed or not there yet, they make a fresh file.
import { StateMismatchError } from "../../check/errors.js";
import { encodedBytes, type FileDType, holds, isFloat } from "../dtypes.js";
import { READ_KERAS } from "../errors.js";
import type { Hdf5File } from "./read.js";
import { type NewArray, writeHdf5 } from "./write.js";

/**
 * The file with these arrays in place of its own of the same path; their types stay the file's, unless a count has outgrown
 * its own.
 */
export async function replaceArrays(
  bytes: Uint8Array,
  file: Hdf5File,
  arrays: readonly NewArray[],
): Promise<Uint8Array<ArrayBuffer>> {
  for (const array of arrays) checkSize(file, array);
  const places = arrays.map(({ path }) => file.arrays.get(path));
  const isOutgrown = arrays.some((array) => typeIn(file, array) !== file.arrays.get(array.path)?.dtype);
  if (isOutgrown || places.some((place) => (place?.address ?? null) === null)) return rewritten(file, arrays);
  const copy = new Uint8Array(bytes);
  for (const [i, { values }] of arrays.entries()) {
    const { address = null, dtype = "float32" } = places[i] ?? {};
    copy.set(encodedBytes(values, dtype), address ?? 0); // none is null, as checked above
  }
  return copy;
}

/** The type of an array of the file, if there is one and it holds the count that this may be. */
function typeIn(file: Hdf5File, { path, dtype, values }: NewArray): FileDType {
  const known = file.arrays.get(path)?.dtype ?? dtype;
  return isFloat(dtype) || holds(known, values) ? known : "int64";
}

function checkSize(file: Hdf5File, { path, values }: NewArray): void {
  const size = file.arrays.get(path)?.shape.reduce((product, length) => product * length, 1);
  if (size === undefined || size === values.length) return;
  const problem = "the present values do not fit the file. Was the optimizer built anew, or its schedule replaced?";
  throw new StateMismatchError(READ_KERAS, problem, [`${path} of ${size} elements`], [`${values.length} elements`]);
}

function rewritten(file: Hdf5File, arrays: readonly NewArray[]): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Map<string, NewArray>();
  for (const array of file.arrays.values()) all.set(array.path, { ...array, values: [] });
  for (const array of arrays) all.set(array.path, { ...array, dtype: typeIn(file, array) });
  const given = new Set(arrays.map(({ path }) => path));
  const filled = [...all.values()].map((array) =>
    given.has(array.path) ? array : { ...array, values: file.arrays.get(array.path)?.values() ?? [] },
  );
  return writeHdf5(filled, file.attributes);
}
