// From bytes to the parts of a file: the members of its zip, its config, the arrays of its HDF5.
import { Argument } from "../check/argument.js";
import { isArrayBuffer, isBytes, ownCopy } from "../check/built-ins.js";
import { isJsonObject } from "../check/json.js";
import type { KerasConfig } from "../core/serialization.js";
import { textOf } from "./cursor.js";
import { damaged, READ_KERAS, unsupported } from "./errors.js";
import { type Hdf5File, isHdf5, readHdf5 } from "./hdf5/read.js";
import { parseConfig } from "./json.js";
import { legacyConfig, legacyRoot } from "./legacy/attributes.js";
import { checkLimit, type FileLimits, type ResolvedLimits, resolveLimits } from "./limits.js";
import { type Fflate, loadFflate } from "./packages.js";
import { isZip, readZip } from "./zip/zip.js";

/** The member of a .keras file that holds the arrays. */
export const WEIGHTS = "model.weights.h5";
const CONFIG = "config.json";

/** The parts of a file. */
export interface FileContents {
  readonly hdf5: Uint8Array;
  readonly file: Hdf5File;
  readonly config: KerasConfig | null;
  /** The members of the zip; null if there is none. */
  readonly members: ReadonlyMap<string, Uint8Array> | null;
  /** The group that lists the layers of a legacy file; null for any other. */
  readonly legacy: string | null;
  readonly limits: ResolvedLimits;
}

/** The parts of a .keras or .weights.h5 file. Throws KerasFileError. */
export async function parseContents(bytes: Uint8Array | ArrayBuffer, given?: FileLimits): Promise<FileContents> {
  const limits = resolveLimits(given);
  const source = copyOfBytes(bytes);
  // Not every file takes it: the first packed byte says that it is missing.
  const fflate = await loadFflate().catch(() => null);
  const parts = partsOf(source, limits, fflate);
  const file = readHdf5(parts.hdf5, limits, fflate);
  const legacy = parts.members === null ? legacyRoot(file) : null;
  return { ...parts, limits, file, legacy, config: legacy === null ? parts.config : legacyConfig(file, limits) };
}

/** A copy: the file is read after others had their turn, and again when somebody asks for its arrays. */
function copyOfBytes(bytes: unknown): Uint8Array {
  if (isBytes(bytes)) return ownCopy(bytes);
  if (isArrayBuffer(bytes)) return ownCopy(new Uint8Array(bytes));
  throw new Argument(READ_KERAS, "bytes").badKind("be a Uint8Array", bytes, "Pass what readFile or fetch gave.");
}

function partsOf(
  bytes: Uint8Array,
  limits: ResolvedLimits,
  fflate: Fflate | null,
): Omit<FileContents, "file" | "legacy" | "limits"> {
  if (isHdf5(bytes)) return { hdf5: bytes, config: null, members: null };
  if (!isZip(bytes)) throw unsupported("these bytes are neither a zip (.keras) nor HDF5 (.weights.h5)");
  const members = readZip(bytes, limits, fflate);
  const hdf5 = required(members, WEIGHTS);
  if (!isHdf5(hdf5)) throw unsupported(`the member ${WEIGHTS} is no HDF5`);
  const text = required(members, CONFIG);
  checkLimit(limits, "jsonByteLength", text.length, CONFIG);
  const config = parseConfig(textOf(text, CONFIG), CONFIG, limits);
  if (!isJsonObject(config)) throw damaged(`${CONFIG} holds no object`);
  return { hdf5, config, members };
}

function required(members: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const member = members.get(name);
  if (member !== undefined) return member;
  const present = [...members.keys()].slice(0, 10).join(", ");
  throw damaged(`the zip has no member ${name}; it has ${present || "none"}`);
}
