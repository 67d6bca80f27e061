// A fresh HDF5 file, written by h5wasm as Keras' own files are: superblock 0, arrays in one piece, nothing of the time.
// h5wasm never gets to see bytes that came from elsewhere.
import { encode, type FileDType } from "../dtypes.js";
import { resolveLimits } from "../limits.js";
import { type H5wasm, loadH5wasm } from "../packages.js";
import { readHdf5 } from "./read.js";

/** An array to write. */
export interface NewArray {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: FileDType;
  readonly values: ArrayLike<number>;
}

// Its file system is in memory and its own. Files are written one after the other, in one go each.
const NAME = "rmsprop.weights.h5";

/** What h5wasm calls our types; truth values and halves become types that Keras reads as well. */
const WRITTEN: Readonly<Record<FileDType, readonly [FileDType, string]>> = {
  float16: ["float32", "<f"],
  bfloat16: ["float32", "<f"],
  float32: ["float32", "<f"],
  float64: ["float64", "<d"],
  int8: ["int8", "<b"],
  int16: ["int16", "<h"],
  int32: ["int32", "<i"],
  int64: ["int64", "<q"],
  uint8: ["uint8", "<B"],
  uint16: ["uint16", "<H"],
  uint32: ["uint32", "<I"],
  uint64: ["uint64", "<Q"],
  bool: ["uint8", "<B"],
};

/** The bytes of a file of these arrays, and of the groups around them, with text attributes by path. */
export async function writeHdf5(
  arrays: readonly NewArray[],
  attributes: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const h5wasm = await loadH5wasm();
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File(NAME, "w", { libver: ["earliest", "v108"] });
  try {
    const groups = new Map<string, InstanceType<H5wasm["Group"]>>([["", file]]);
    for (const path of attributes.keys()) groupAt(groups, path);
    for (const array of arrays) writeArray(groups, array);
    for (const [path, texts] of attributes) {
      for (const [name, text] of texts) groupAt(groups, path).create_attribute(name, text);
    }
  } finally {
    file.close();
  }
  const bytes = new Uint8Array(FS.readFile(NAME));
  FS.unlink(NAME);
  return withoutTimes(bytes);
}

function groupAt(groups: Map<string, InstanceType<H5wasm["Group"]>>, path: string): InstanceType<H5wasm["Group"]> {
  const known = groups.get(path);
  if (known !== undefined) return known;
  const [parent, name] = splitPath(path);
  const group = groupAt(groups, parent).create_group(name);
  groups.set(path, group);
  return group;
}

function writeArray(
  groups: Map<string, InstanceType<H5wasm["Group"]>>,
  { path, shape, dtype, values }: NewArray,
): void {
  const [parent, name] = splitPath(path);
  const [written, format] = WRITTEN[dtype];
  groupAt(groups, parent).create_dataset({ name, data: encode(values, written), shape: [...shape], dtype: format });
}

function splitPath(path: string): [parent: string, name: string] {
  const at = path.lastIndexOf("/");
  return at < 0 ? ["", path] : [path.slice(0, at), path.slice(at + 1)];
}

/** h5wasm notes when each array was made. Headers of this form have no checksum over it. */
function withoutTimes(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  for (const time of readHdf5(bytes, resolveLimits({ objects: 2 ** 30, totalByteLength: 2 ** 40 }), null).times)
    time.fill(0, 4);
  return bytes;
}
