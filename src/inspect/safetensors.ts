// The arrays of any safetensors file, whoever wrote it: names, types and shapes, and the range of those types that are known.
import { reasonOf } from "../check/built-ins.js";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../check/json.js";
import { sizeOf } from "../check/lists.js";
import { byteLengthOf, decode, type FileDType } from "../keras/dtypes.js";

const DTYPES: Readonly<Record<string, FileDType>> = {
  ...{ F16: "float16", BF16: "bfloat16", F32: "float32", F64: "float64", BOOL: "bool" },
  ...{ I8: "int8", I16: "int16", I32: "int32", I64: "int64", U8: "uint8", U16: "uint16", U32: "uint32", U64: "uint64" },
};
const PREFIX = 8;

/** An array of a file; its values are empty if their type is not known. */
export interface ListedArray {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number> & Iterable<number>;
}

interface Listing {
  readonly arrays: readonly ListedArray[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Throws an Error for a header that is none. */
export function listSafetensors(bytes: Uint8Array): Listing {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = PREFIX + Number(view.getBigUint64(0, true));
  if (end > bytes.length) throw new Error("it is a safetensors file that is cut off");
  const header = headerOf(bytes.subarray(PREFIX, end));
  if (!isJsonObject(header)) throw new Error("it is a safetensors file without arrays");
  const { __metadata__: texts = {}, ...entries } = header;
  const data = bytes.subarray(end);
  return {
    arrays: Object.entries(entries).map(([name, entry]) => arrayOf(name, isJsonObject(entry) ? entry : {}, data)),
    metadata: isJsonObject(texts)
      ? Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, String(text)]))
      : {},
  };
}

function headerOf(bytes: Uint8Array): Json {
  try {
    return parseJson(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new Error(`it is a safetensors file whose header is no JSON that can be read: it ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function arrayOf(name: string, entry: JsonObject, data: Uint8Array): ListedArray {
  const [shape, [begin, end]] = [numbersOf(entry.shape), numbersOf(entry.data_offsets)];
  const code = String(entry.dtype);
  const dtype = Object.hasOwn(DTYPES, code) ? DTYPES[code] : undefined;
  if (!(begin !== undefined && begin >= 0 && end !== undefined && end >= begin)) {
    throw new Error(`it is a safetensors file in which ${JSON.stringify(name)} has no place`);
  }
  if (end > data.length) throw new Error("it is a safetensors file that is cut off");
  const bytes = data.subarray(begin, end);
  const fits = dtype !== undefined && bytes.length === sizeOf(shape) * byteLengthOf(dtype);
  return { name, shape, dtype: dtype ?? code, values: fits ? decoded(bytes, dtype) : [] };
}

/** None if one of them is no JavaScript number. */
function decoded(bytes: Uint8Array, dtype: FileDType): ListedArray["values"] {
  try {
    return decode(bytes, dtype, true);
  } catch {
    return [];
  }
}

const numbersOf = (value: unknown): number[] =>
  Array.isArray(value) ? value.filter((item): item is number => typeof item === "number") : [];
