// From bytes to the parts of a file: the members of its zip, its config, the arrays of its HDF5.
import { Argument } from "../check/argument.js";
import { isArrayBuffer, isBytes, ownCopy } from "../check/built-ins.js";
import { isJsonObject } from "../check/json.js";
import type { KerasConfig } from "../core/serialization.js";
import { textOf } from "./cursor.js";
import { damaged, READ_KERAS, unsupported } from "./errors.js";
import { foreignKind, foreignZip } from "./foreign.js";
import { type Hdf5File, isHdf5, readHdf5 } from "./hdf5/read.js";
import { parseConfig } from "./json.js";
import { legacyConfig, legacyRoot } from "./layout/legacy-attributes.js";
import { checkLimit, type FileLimits, type ResolvedLimits, resolveLimits } from "./limits.js";
import { isZip, readZip } from "./zip/read-zip.js";

/** The member of a .keras file that holds the arrays. */
export const WEIGHTS = "model.weights.h5";
const CONFIG = "config.json";

/** The parts of a file. */
export interface FileContents {
  /** The bytes of the arrays' file; null if they come from several. */
  readonly hdf5: Uint8Array | null;
  readonly file: Hdf5File;
  readonly config: KerasConfig | null;
  /** The members of the zip; null if there is none. */
  readonly members: ReadonlyMap<string, Uint8Array> | null;
  /** The group that lists the layers of a legacy file; null for any other. */
  readonly legacy: string | null;
  readonly limits: ResolvedLimits;
}

/** The parts of a .keras or .weights.h5 file. Throws KerasFileError. */
export function parseContents(bytes: Uint8Array | ArrayBuffer, given?: FileLimits): FileContents {
  const limits = resolveLimits(given);
  const source = copyOfBytes(bytes);
  if (!isHdf5(source)) {
    if (!isZip(source)) throw unsupported(foreignKind(source));
    return ofMembers(readZip(source, limits), limits);
  }
  const file = readHdf5(source, limits);
  const legacy = legacyRoot(file);
  const config = legacy === null ? null : legacyConfig(file, limits);
  return { hdf5: source, config, members: null, limits, file, legacy };
}

/** The parts of the members of a .keras file, which also come as the files of a folder. */
export function parseMembers(members: ReadonlyMap<string, Uint8Array>, given?: FileLimits): FileContents {
  return ofMembers(members, resolveLimits(given));
}

/** The parts of weights that are in several HDF5 files, and of the members around them if there are any. */
export function parseShards(
  shards: readonly Uint8Array[],
  members: ReadonlyMap<string, Uint8Array> | null,
  given?: FileLimits,
): FileContents {
  const limits = resolveLimits(given);
  const files = shards.map((shard) => readHdf5(shard, limits));
  const found = files.flatMap(({ arrays }) => [...arrays]);
  const arrays = new Map(found);
  if (arrays.size < found.length) throw damaged("two of the files hold the same array");
  const attributes = new Map(files.flatMap((file) => [...file.attributes]));
  const config = members === null ? null : configIn(members, limits);
  const file = { arrays, attributes, times: [] };
  return { hdf5: null, config, members, limits, file, legacy: null };
}

/** A copy: the file is read after others had their turn, and again when somebody asks for its arrays. */
function copyOfBytes(bytes: unknown): Uint8Array {
  if (isBytes(bytes)) return ownCopy(bytes);
  if (isArrayBuffer(bytes)) return ownCopy(new Uint8Array(bytes));
  throw new Argument(READ_KERAS, "bytes").badKind("be a Uint8Array", bytes, "Pass what readFile or fetch gave.");
}

function ofMembers(members: ReadonlyMap<string, Uint8Array>, limits: ResolvedLimits): FileContents {
  const hdf5 = required(members, WEIGHTS);
  if (!isHdf5(hdf5)) throw unsupported(`the member ${WEIGHTS} is no HDF5`);
  const config = configIn(members, limits);
  const file = readHdf5(hdf5, limits);
  return { hdf5, config, members, limits, file, legacy: null };
}

function configIn(members: ReadonlyMap<string, Uint8Array>, limits: ResolvedLimits): KerasConfig {
  const text = required(members, CONFIG);
  checkLimit(limits, "jsonByteLength", text.length, CONFIG);
  const config = parseConfig(textOf(text, CONFIG), CONFIG, limits);
  if (!isJsonObject(config)) throw damaged(`${CONFIG} holds no object`);
  return config;
}

function required(members: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const member = members.get(name);
  if (member !== undefined) return member;
  const names = [...members.keys()];
  const foreign = foreignZip(names);
  if (foreign !== null) throw unsupported(foreign);
  const present = names.slice(0, 10).join(", ");
  throw damaged(`there is no member ${name}; there are ${present || "none"}`);
}
