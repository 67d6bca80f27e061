// keras/hdf5/: a reader of HDF5 for files that cannot be trusted, and a writer.
//
// An HDF5 file as Keras writes them: groups with text attributes, and arrays of numbers. Written for files that cannot be
// trusted: nothing but what is described here is followed, and the size of all that is made is known before.
import { Cursor, textOf } from "../cursor.js";
import { byteLengthOf, decode, type FileDType } from "../dtypes.js";
import { damaged, unsupported } from "../errors.js";
import { checkLimit, type ResolvedLimits, Tally } from "../limits.js";
import { FileBytes, NOWHERE } from "./bytes.js";
import { numberTypeOf, shapeOf, textLengthOf } from "./datatype.js";
import { readMembers } from "./groups.js";
import { TextHeap } from "./heap.js";
import { checkInHeader, isGroup, MESSAGE, type Message, onlyMessage, readMessages } from "./messages.js";
import { readStored } from "./storage.js";

/** An array as the file stores it. */
export interface KerasArray {
  /** Such as `"layers/dense/vars/0"`. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: FileDType;
  /** A copy of its elements in C order, as they were when the file was read. */
  readonly values: () => Float32Array | Float64Array;
}

/** An array as it can be replaced. */
interface Hdf5Array extends KerasArray {
  /** Where in the file its elements lie as they are, little-endian; null where they do not, and cannot be replaced there. */
  readonly address: number | null;
}

/** An attribute: a text, or a list of texts. */
export type Attribute = string | readonly string[];

/** What a file holds: arrays by path, and the attributes of groups and arrays by their path. */
export interface Hdf5File {
  readonly arrays: ReadonlyMap<string, Hdf5Array>;
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, Attribute>>;
  /** Views of the messages that say when an object was made. Keras writes none. */
  readonly times: readonly Uint8Array[];
}

/** Of a text that lies elsewhere: its length and where it is. */
const PLACE_BYTES = 16;
const SIGNATURE = "\x89HDF\r\n\x1a\n";

export const isHdf5 = (bytes: Uint8Array): boolean =>
  [...SIGNATURE].every((character, i) => bytes[i] === character.charCodeAt(0));

/** Everything in the file. @internal */
export function readHdf5(bytes: Uint8Array, limits: ResolvedLimits): Hdf5File {
  const file = new FileBytes(bytes, limits);
  const reader = new Reader(file);
  reader.object(rootOf(file), "");
  file.checkClaims();
  return reader;
}

class Reader implements Hdf5File {
  readonly arrays = new Map<string, Hdf5Array>();
  readonly attributes = new Map<string, ReadonlyMap<string, Attribute>>();
  readonly times: Uint8Array[] = [];
  readonly #file: FileBytes;
  readonly #heap: TextHeap;
  readonly #byteLength: Tally;
  readonly #texts: Tally;

  constructor(file: FileBytes) {
    this.#file = file;
    this.#byteLength = new Tally(file.limits, "totalByteLength", "the size of all arrays");
    this.#texts = new Tally(file.limits, "jsonByteLength", "the length of all attributes");
    this.#heap = new TextHeap(file);
  }

  object(address: number, path: string, depth = 0): void {
    const what = path === "" ? "the root of the HDF5 file" : JSON.stringify(path);
    checkLimit(this.#file.limits, "depth", depth, `the depth of ${what}`);
    const messages = readMessages(this.#file, address, what);
    for (const { type, body } of messages) if (type === MESSAGE.modified) this.times.push(body);
    this.#readAttributes(messages, path, what);
    if (!isGroup(messages, what)) {
      this.#readArray(messages, path, what);
      return;
    }
    for (const [inner, member] of readMembers(this.#file, messages, path, what)) this.object(member, inner, depth + 1);
  }

  #readArray(messages: readonly Message[], path: string, what: string): void {
    const required = (type: number): Uint8Array => {
      const body = onlyMessage(messages, type, what);
      if (body === null) throw damaged(`${what} is neither a group nor an array`);
      return body;
    };
    const said = this.attributes.get(path)?.get("dtype");
    const { dtype, littleEndian } = numberTypeOf(required(MESSAGE.datatype), what, said);
    const shape = shapeOf(required(MESSAGE.dataspace), what);
    if (shape === null) throw unsupported(`${what} has no value`);
    const layout = required(MESSAGE.layout);
    const filters = onlyMessage(messages, MESSAGE.filters, what);
    const wanted = { what, shape, elementBytes: byteLengthOf(dtype), layout, filters };
    const stored = readStored(this.#file, wanted);
    this.#byteLength.add(stored.bytes.length);
    const values = () => decode(stored.bytes, dtype, littleEndian);
    this.arrays.set(path, { path, shape, dtype, values, address: littleEndian ? stored.address : null });
  }

  /** Attributes that are text; numbers are left out: Keras writes none but empty lists. */
  #readAttributes(messages: readonly Message[], path: string, what: string): void {
    const found = new Map<string, Attribute>();
    for (const { type, body } of messages) {
      if (type === MESSAGE.attributeInfo) checkInHeader(body, what, "attributes");
      if (type !== MESSAGE.attribute) continue;
      const attribute = this.#attribute(new Cursor(body, `an attribute of ${what}`), what);
      if (attribute !== null) found.set(...attribute);
    }
    if (found.size > 0) this.attributes.set(path, found);
  }

  #attribute(cursor: Cursor, what: string): [string, Attribute] | null {
    const version = cursor.u8();
    if (version < 1 || version > 3) throw damaged(`${cursor.what} has the unknown version ${version}`);
    const [nameBytes, typeBytes, shapeBytes] = [cursor.skip(1).u16(), cursor.u16(), cursor.u16()];
    cursor.skip(version === 3 ? 1 : 0);
    const padded = (length: number) => (version === 1 ? Math.ceil(length / 8) * 8 : length);
    const part = (length: number) => cursor.bytes(padded(length)).subarray(0, length);
    const name = part(nameBytes);
    if (name.indexOf(0) !== nameBytes - 1) throw damaged(`${cursor.what} has a name of another length`);
    const byteLength = textLengthOf(part(typeBytes), what);
    const shape = shapeOf(part(shapeBytes), cursor.what);
    if (byteLength === null || shape === null || shape.length > 1) return null;
    const own = textOf(name.subarray(0, -1), cursor.what);
    const [length] = shape;
    if (length === undefined) return [own, this.#text(cursor, byteLength)];
    const most = cursor.left / (byteLength === "elsewhere" ? PLACE_BYTES : Math.max(byteLength, 1));
    if (length > most) throw damaged(`${cursor.what} ends early: the file is cut off or damaged`);
    return [own, Array.from({ length }, () => this.#text(cursor, byteLength))];
  }

  #text(cursor: Cursor, byteLength: number | "elsewhere"): string {
    if (byteLength !== "elsewhere") return textOf(withoutPadding(cursor.bytes(byteLength)), cursor.what);
    const [length, address, index] = [cursor.u32(), cursor.u64(), cursor.u32()];
    this.#texts.add(length);
    return length + address + index === 0 ? "" : this.#heap.text(address, index, length, cursor.what);
  }
}

/** Checks the superblock; the address of the root group. */
function rootOf(file: FileBytes): number {
  const what = "the head of the HDF5 file";
  const version = file.cursor(0, 9, what).expect(SIGNATURE).u8();
  if (version > 3) throw unsupported(`${what} has the unknown version ${version}`);
  const isFirst = version < 2;
  const cursor = file.cursor(9, isFirst ? (version === 0 ? 87 : 91) : 39, what);
  const [offsetBytes, lengthBytes] = isFirst ? [cursor.skip(4).u8(), cursor.u8()] : [cursor.u8(), cursor.u8()];
  if (offsetBytes !== 8 || lengthBytes !== 8) throw unsupported(`${what} has addresses of ${offsetBytes} bytes`);
  if (isFirst) {
    const [symbols, members] = [2 * cursor.skip(1).u16(), 2 * cursor.u16()];
    const chunks = version === 0 ? 64 : 2 * cursor.skip(4).u16();
    file.nodeSizes = { trees: [members, chunks], symbols };
    cursor.skip(version === 0 ? 4 : 2);
  } else cursor.skip(1);
  const [base, extra, end, driver] = [cursor.u64(), cursor.u64(), cursor.u64(), cursor.u64()];
  if (base !== 0) throw unsupported("the HDF5 file does not begin at its first byte");
  if (!(end <= file.bytes.length)) throw damaged("the HDF5 file is cut off");
  if (!isFirst && extra !== NOWHERE) throw unsupported(`${what} has an extension, which Keras does not write`);
  if (!isFirst) return driver;
  if (driver !== NOWHERE) throw unsupported(`${what} asks for a driver`);
  return cursor.skip(8).u64();
}

function withoutPadding(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
