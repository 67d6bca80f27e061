// keras/zip/: the zip around a .keras file. Sizes, names and checksums are checked here before a byte is unpacked.

import { Claims, piecesOf } from "../claims.js";
import { Cursor, textOf } from "../cursor.js";
import { damaged, refused, unsupported } from "../errors.js";
import { checkLimit, type ResolvedLimits, Unpacking } from "../limits.js";
import { crc32 } from "./crc32.js";
import { inflateInto } from "./inflate.js";

const END = "PK\x05\x06";
const END_BYTES = 22;
/** Of what comes before a member, without names. */
const HEADER_BYTES = 30;
const COMMENT_BYTES = 0xffff;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
// Sizes that do not fit 32 bits stand in an extra field of zip64.
const ZIP64 = 0xffffffff;

/** What the directory of a zip says about one member. */
interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedLength: number;
  readonly length: number;
  readonly offset: number;
}

/** Whether these bytes begin as a zip does. */
export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** The unpacked members of a zip in the order of its directory. Throws for a wrong checksum. */
export function readZip(bytes: Uint8Array, limits: ResolvedLimits): Map<string, Uint8Array> {
  const claims = new Claims(bytes.length, piecesOf(limits));
  const entries = readDirectory(bytes, limits, claims);
  const packed = entries.map((entry) => packedBytes(bytes, entry, claims));
  claims.check();
  return new Map(entries.map((entry, i) => [entry.name, unpackEntry(packed[i] ?? new Uint8Array(0), entry)]));
}

/** The directory of a zip, after everything in it was checked. */
function readDirectory(bytes: Uint8Array, limits: ResolvedLimits, claims: Claims): readonly Entry[] {
  const endAt = endOf(bytes);
  const end = new Cursor(bytes.subarray(endAt), "the end of the zip").skip(8);
  const [here, count, byteLength, offset] = [end.u16(), end.u16(), end.u32(), end.u32()];
  if (here !== count) throw unsupported("the zip is spread over several files");
  if (offset === ZIP64) throw unsupported("the zip has a directory above 4 GB");
  checkLimit(limits, "objects", count, "the number of members of the zip");
  claims.add(endAt, END_BYTES, "the end of the zip");
  claims.add(offset, byteLength, "the directory of the zip");
  const directory = new Cursor(bytes.subarray(offset, offset + byteLength), "the directory of the zip");
  const entries = Array.from({ length: count }, () => readEntry(directory));
  checkEntries(entries, limits);
  return entries;
}

/** Where the record begins that ends a zip: it is the last one of its kind, and nothing but a comment follows. */
function endOf(bytes: Uint8Array): number {
  const first = Math.max(0, bytes.length - END_BYTES - COMMENT_BYTES);
  for (let at = bytes.length - END_BYTES; at >= first; at--) {
    if ([...END].every((character, i) => bytes[at + i] === character.charCodeAt(0))) return at;
  }
  throw damaged("the zip has no end: the file is cut off or damaged");
}

function readEntry(directory: Cursor): Entry {
  directory.expect("PK\x01\x02").skip(4);
  const [flags, method] = [directory.u16(), directory.u16()];
  directory.skip(4); // date and time
  const [crc, packedLength, length] = [directory.u32(), directory.u32(), directory.u32()];
  const [nameLength, extraLength, commentLength] = [directory.u16(), directory.u16(), directory.u16()];
  directory.skip(8); // disk and attributes
  const offset = directory.u32();
  const name = textOf(directory.bytes(nameLength), "a name in the zip");
  directory.skip(extraLength + commentLength);
  return { name, flags, method, crc, packedLength, length, offset };
}

function checkEntries(entries: readonly Entry[], limits: ResolvedLimits): void {
  const names = new Set<string>();
  const unpacking = new Unpacking(limits);
  for (const entry of entries) {
    const { name, flags, method, packedLength, length, offset } = entry;
    const what = nameOf(entry);
    if (!isPlainPath(name)) throw refused(`${what} has a name that leads out of its folder`);
    if (names.has(name)) throw refused(`${what} is there twice`);
    names.add(name);
    if (flags & ENCRYPTED) throw unsupported(`${what} is encrypted`);
    if (method !== STORED && method !== DEFLATED) throw unsupported(`${what} is packed by method ${method}`);
    if ([packedLength, length, offset].includes(ZIP64)) throw unsupported(`${what} is above 4 GB`);
    if (method === STORED && length !== packedLength) throw damaged(`${what} has two lengths`);
    if (method === DEFLATED) unpacking.add(packedLength, length, what);
  }
  const total = entries.reduce((sum, { length }) => sum + length, 0);
  checkLimit(limits, "totalByteLength", total, "what the zip unpacks to");
}

const nameOf = ({ name }: Entry): string => `the member ${JSON.stringify(name)} of the zip`;

/** Relative, with forward slashes, and without steps upwards. */
function isPlainPath(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (name === "" || /[\\:\u0000-\u001f\u007f]/.test(name) || name in {}) return false;
  const parts = name.replace(/\/$/, "").split("/");
  return parts.every((part) => part !== "" && part !== "." && part !== "..");
}

function unpackEntry(packed: Uint8Array, entry: Entry): Uint8Array {
  const what = nameOf(entry);
  const unpacked = entry.method === STORED ? packed : inflate(packed, entry.length, what);
  if (crc32(unpacked) !== entry.crc) throw damaged(`${what} has another checksum than the zip says`);
  return unpacked;
}

/** The bytes after the member's own header, which must name the same member. */
function packedBytes(bytes: Uint8Array, entry: Entry, claims: Claims): Uint8Array {
  const { name, method, offset, packedLength } = entry;
  const what = nameOf(entry);
  const header = new Cursor(bytes.subarray(offset), what).expect("PK\x03\x04").skip(4);
  if (header.u16() !== method) throw damaged(`${what} is packed in two ways`);
  header.skip(16); // time, checksum and sizes stand in the directory
  const [nameLength, extraLength] = [header.u16(), header.u16()];
  if (textOf(header.bytes(nameLength), what) !== name) throw refused(`${what} has two names`);
  claims.add(offset, HEADER_BYTES + nameLength + extraLength + packedLength, what);
  return header.skip(extraLength).bytes(packedLength);
}

/** Exactly `length` bytes out of a raw deflate stream: one that gives more is left early. */
export function inflate(packed: Uint8Array, length: number, what: string): Uint8Array {
  const unpacked = new Uint8Array(length);
  const count = inflateInto(unpacked, packed);
  if (count === length) return unpacked;
  throw damaged(
    count < 0 ? `${what} cannot be unpacked` : `${what} does not unpack to the ${length} bytes that it says`,
  );
}
