// A fresh HDF5 file, written by h5wasm as Keras' own files are: superblock 0, arrays in one piece, nothing of the time.
// h5wasm never gets to see bytes that came from elsewhere.
import { encode, type FileDType } from "../dtypes.js";
import { DEFAULT_LIMITS } from "../limits.js";
import { type H5wasm, loadH5wasm } from "../packages.js";
import { type Hdf5File, type KerasArray, readHdf5 } from "./read.js";

/** An array to write. */
export interface NewArray extends Omit<KerasArray, "values"> {
  readonly values: ArrayLike<number>;
}

// Its file system is in memory and its own. Files are written one after the other, in one go each.
const NAME = "rmsprop.weights.h5";

/** Types that h5wasm does not write, and those of Keras' that hold the same numbers. */
const WRITTEN: Readonly<Partial<Record<FileDType, FileDType>>> = {
  float16: "float32",
  bfloat16: "float32",
  bool: "uint8",
};

/** What is written here may be larger than what is read. */
const MORE = 2 ** 40;
const OWN_LIMITS = { ...DEFAULT_LIMITS, objects: MORE, pieces: MORE, nameLength: MORE, totalByteLength: MORE };

type Group = InstanceType<H5wasm["Group"]>;

/** The bytes of a file of these arrays, and of the groups around them, with attributes by path. */
export async function writeHdf5(
  arrays: readonly NewArray[],
  attributes: Hdf5File["attributes"],
): Promise<Uint8Array<ArrayBuffer>> {
  const h5wasm = await loadH5wasm();
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File(NAME, "w", { libver: ["earliest", "v108"] });
  try {
    const groups = new Map<string, Group>([["", file]]);
    // Those of arrays say how they are stored in the file that they come from.
    const isArray = new Set(arrays.map(({ path }) => path));
    const ofGroups = [...attributes].filter(([path]) => !isArray.has(path));
    for (const [path] of ofGroups) groupAt(groups, path);
    for (const array of arrays) writeArray(groups, array);
    for (const [path, texts] of ofGroups) {
      for (const [name, text] of texts) {
        groupAt(groups, path).create_attribute(name, typeof text === "string" ? text : [...text]);
      }
    }
  } finally {
    file.close();
  }
  const bytes = new Uint8Array(FS.readFile(NAME));
  FS.unlink(NAME);
  // h5wasm notes when each array was made. Headers of this form have no checksum over it.
  for (const time of readHdf5(bytes, OWN_LIMITS).times) time.fill(0, 4);
  return bytes;
}

function groupAt(groups: Map<string, Group>, path: string): Group {
  const known = groups.get(path);
  if (known !== undefined) return known;
  const [parent, name] = splitPath(path);
  const group = groupAt(groups, parent).create_group(name);
  groups.set(path, group);
  return group;
}

/** h5wasm takes the type of numbers from the array that they are in. */
function writeArray(groups: Map<string, Group>, { path, shape, dtype, values }: NewArray): void {
  const [parent, name] = splitPath(path);
  groupAt(groups, parent).create_dataset({ name, data: encode(values, WRITTEN[dtype] ?? dtype), shape: [...shape] });
}

function splitPath(path: string): [parent: string, name: string] {
  const at = path.lastIndexOf("/");
  return at < 0 ? ["", path] : [path.slice(0, at), path.slice(at + 1)];
}
