// Other values in the arrays of an HDF5 file: in a copy of it, each where it lies. When an array cannot be replaced in its
// place, since it is packed or not there yet, they make a fresh file.
import { StateError, StateMismatchError } from "../../check/errors.js";
import { encodedBytes, type FileDType, holds, isFloat } from "../dtypes.js";
import { READ_KERAS } from "../errors.js";
import type { Hdf5File } from "./read.js";
import { type NewArray, writeHdf5 } from "./write.js";

/** A file whose arrays are replaced. */
interface Replaced {
  readonly bytes: Uint8Array | null;
  readonly file: Hdf5File;
  /** Whether a new file of the same arrays is as good. */
  readonly mayBeNew: boolean;
}

/**
 * The file, a new one if it has no bytes, with these arrays in place of its own of the same path; their types stay the file's, unless a count has outgrown
 * its own.
 */
export async function replaceArrays(
  { bytes, file, mayBeNew }: Replaced,
  arrays: readonly NewArray[],
): Promise<Uint8Array<ArrayBuffer>> {
  for (const array of arrays) checkSize(file, array);
  if (bytes === null) return rewritten(file, arrays);
  const copy = new Uint8Array(bytes);
  for (const array of arrays) {
    const { address = null, dtype } = file.arrays.get(array.path) ?? {};
    if (address !== null && typeIn(file, array) === dtype) {
      copy.set(encodedBytes(array.values, dtype), address);
      continue;
    }
    if (mayBeNew) return rewritten(file, arrays);
    const remedy = "Write a new file with writeWeights.";
    throw new StateError(READ_KERAS, `${array.path} has no place of its own in a legacy HDF5 file. ${remedy}`);
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
  const given = new Map(arrays.map((array) => [array.path, { ...array, dtype: typeIn(file, array) }]));
  const own = [...file.arrays.values()].map((array) => given.get(array.path) ?? { ...array, values: array.values() });
  const added = [...given.values()].filter(({ path }) => !file.arrays.has(path));
  return writeHdf5([...own, ...added], file.attributes);
}
