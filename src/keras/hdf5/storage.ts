// Where the elements of an HDF5 array lie: in one piece, as Keras writes them, or in chunks that may be packed. What an
// array says of its size is compared with what is stored before anything is made of that size.
import { ownCopy } from "../../check/built-ins.js";
import { Cursor } from "../cursor.js";
import { damaged, refused, unsupported } from "../errors.js";
import { checkLimit } from "../limits.js";
import { inflate } from "../zip/read-zip.js";
import { type FileBytes, NOWHERE } from "./bytes.js";
import { TREE, visitLeaves } from "./tree.js";

const LAYOUT = { compact: 0, contiguous: 1, chunked: 2, virtual: 3 } as const;
const FILTER = { deflate: 1, shuffle: 2 } as const;

/** The elements of an array. */
export interface Stored {
  /** A view into the file where they lie in one piece: write to a copy. Else a copy. */
  readonly bytes: Uint8Array;
  /** Where in the file they lie in one piece; null if they do not. */
  readonly address: number | null;
}

/** What is known of an array when its elements are looked for. */
export interface Wanted {
  readonly what: string;
  readonly shape: readonly number[];
  readonly elementBytes: number;
  readonly layout: Uint8Array;
  readonly filters: Uint8Array | null;
}

export function readStored(file: FileBytes, wanted: Wanted): Stored {
  const { what, layout, shape, elementBytes } = wanted;
  const cursor = new Cursor(layout, `the layout of ${what}`);
  const [version, kind] = [cursor.u8(), cursor.u8()];
  if (kind === LAYOUT.virtual) throw refused(`${what} is put together from other arrays, perhaps of other files`);
  const byteLength = shape.reduce((product, length) => product * length, elementBytes);
  checkLimit(file.limits, "totalByteLength", byteLength, what);
  if (version === 4 && kind === LAYOUT.chunked)
    throw unsupported(`${what} has chunks in a form that Keras cannot write`);
  if (version !== 3 && version !== 4) throw unsupported(`${what} has a layout of version ${version}`);
  if (kind === LAYOUT.compact) return checkLength(cursor.bytes(cursor.u16()), byteLength, null, what);
  if (kind === LAYOUT.contiguous) return contiguous(file, cursor, byteLength, what);
  if (kind === LAYOUT.chunked) return chunked(file, cursor, wanted, byteLength);
  throw damaged(`${what} has a layout of the unknown kind ${kind}`);
}

function contiguous(file: FileBytes, cursor: Cursor, byteLength: number, what: string): Stored {
  const [address, stored] = [cursor.u64(), cursor.u64()];
  if (address === NOWHERE) return checkLength(new Uint8Array(0), byteLength, null, what);
  if (stored !== byteLength) throw sizeMismatch(stored, byteLength, what);
  return checkLength(file.claim(address, stored, what), byteLength, address, what);
}

function checkLength(bytes: Uint8Array, byteLength: number, address: number | null, what: string): Stored {
  if (bytes.length !== byteLength) throw sizeMismatch(bytes.length, byteLength, what);
  return { bytes, address };
}

function sizeMismatch(stored: number, byteLength: number, what: string): Error {
  return refused(`${what} says that it has ${byteLength} bytes, and ${stored} are stored`);
}

/** An array in chunks. */
interface Grid extends Wanted {
  readonly chunkShape: readonly number[];
  readonly chunkBytes: number;
}

interface Chunk {
  readonly byteLength: number;
  /** Bit i says that filter i was left out. */
  readonly mask: number;
  readonly start: readonly number[];
  readonly address: number;
}

/** All chunks, unpacked into their places. */
function chunked(file: FileBytes, cursor: Cursor, wanted: Wanted, byteLength: number): Stored {
  const { what, shape, elementBytes } = wanted;
  const axes = cursor.u8() - 1;
  const root = cursor.u64();
  const chunkShape = Array.from({ length: axes }, () => cursor.u32());
  if (axes !== shape.length || cursor.u32() !== elementBytes || chunkShape.includes(0)) {
    throw damaged(`${what} has chunks of another shape`);
  }
  if (byteLength === 0) return { bytes: new Uint8Array(0), address: null };
  const chunkBytes = chunkShape.reduce((product, length) => product * length, elementBytes);
  checkLimit(file.limits, "chunkByteLength", chunkBytes, `a chunk of ${what}`);
  const grid = { ...wanted, chunkShape, chunkBytes };
  const chunks = root === NOWHERE ? [] : chunksOf(file, root, axes, what);
  checkGrid(chunks, grid);
  const stored = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  file.unpacking.add(stored, Math.max(byteLength, chunkBytes * chunks.length), what);
  const filters = filtersOf(wanted.filters, what);
  const bytes = new Uint8Array(byteLength);
  for (const { address, byteLength: packedLength, mask, start } of chunks) {
    const packed = file.claim(address, packedLength, what);
    if (mask >= 2 ** filters.length) throw damaged(`a chunk of ${what} leaves out filters that it does not have`);
    const applied = filters.filter((_, i) => (mask & (1 << i)) === 0);
    place(bytes, unfilter(packed, applied, grid), start, grid);
  }
  return { bytes, address: null };
}

/** The chunks that the leaves of a tree list. */
function chunksOf(file: FileBytes, root: number, axes: number, what: string): Chunk[] {
  const chunks: Chunk[] = [];
  visitLeaves(file, root, { kind: TREE.chunks, keyBytes: 8 + 8 * (axes + 1), what }, (key, address) => {
    const cursor = new Cursor(key, what);
    const [byteLength, mask] = [cursor.u32(), cursor.u32()];
    file.objects.add(1);
    chunks.push({ byteLength, mask, start: Array.from({ length: axes }, () => cursor.u64()), address });
  });
  return chunks;
}

/** Each place of the grid has its chunk, and none has two: what is not stored is not made up. */
function checkGrid(chunks: readonly Chunk[], { what, shape, chunkShape }: Grid): void {
  const expected = shape.reduce((product, length, axis) => product * Math.ceil(length / (chunkShape[axis] ?? 1)), 1);
  const isOnGrid = ({ start }: Chunk) =>
    start.every((at, axis) => at < (shape[axis] ?? 0) && at % (chunkShape[axis] ?? 1) === 0);
  const places = new Set(chunks.map(({ start }) => start.join()));
  if (chunks.length === expected && places.size === expected && chunks.every(isOnGrid)) return;
  throw refused(`${what} needs ${expected} chunks in their places, and ${chunks.length} are stored`);
}

/** The numbers of the filters in the order in which they were applied. */
function filtersOf(body: Uint8Array | null, what: string): readonly number[] {
  if (body === null) return [];
  const cursor = new Cursor(body, `the filters of ${what}`);
  const [version, count] = [cursor.u8(), cursor.u8()];
  cursor.skip(version === 1 ? 6 : 0);
  const filters = Array.from({ length: count }, () => {
    const id = cursor.u16();
    if (id !== FILTER.deflate && id !== FILTER.shuffle) throw unsupported(`${what} is packed by the filter ${id}`);
    const nameBytes = version === 1 ? cursor.u16() : 0;
    const values = cursor.skip(2).u16();
    cursor.skip(nameBytes + 4 * values + (version === 1 && values % 2 === 1 ? 4 : 0));
    return id;
  });
  if (new Set(filters).size < count) throw refused(`${what} is packed by one filter more than once`);
  return filters;
}

/** A chunk as it was before these filters were applied to it. */
function unfilter(packed: Uint8Array, applied: readonly number[], grid: Grid): Uint8Array {
  const { what, elementBytes, chunkBytes } = grid;
  let bytes = packed;
  for (const id of [...applied].reverse()) {
    bytes = id === FILTER.deflate ? unzlib(bytes, chunkBytes, what) : unshuffle(bytes, elementBytes);
  }
  if (bytes.length !== chunkBytes) throw sizeMismatch(bytes.length, chunkBytes, `a chunk of ${what}`);
  return bytes;
}

/** A deflate stream between the head and the checksum of zlib. */
function unzlib(bytes: Uint8Array, length: number, what: string): Uint8Array {
  const [method = 0, flags = 0] = bytes;
  const isZlib = (method & 15) === 8 && (method * 256 + flags) % 31 === 0 && (flags & 32) === 0;
  if (!isZlib || bytes.length < 6) throw damaged(`a chunk of ${what} cannot be unpacked`);
  return inflate(bytes.subarray(2, -4), length, `a chunk of ${what}`);
}

/** Shuffled, the first bytes of all elements come first, then the second ones. */
function unshuffle(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const count = Math.floor(bytes.length / elementBytes);
  const out = ownCopy(bytes);
  for (let byte = 0; byte < elementBytes; byte++) {
    for (let i = 0; i < count; i++) out[i * elementBytes + byte] = bytes[byte * count + i] ?? 0;
  }
  return out;
}

/** How many steps an axis has, and how long each of them is in bytes of a chunk and of the array. */
interface Axis {
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/** Copies a chunk to its place, row by row; what reaches over the edge is left out. */
function place(target: Uint8Array, chunk: Uint8Array, start: readonly number[], grid: Grid): void {
  const { shape, chunkShape, elementBytes } = grid;
  const axes: Axis[] = [];
  let [row, from, to, first] = [elementBytes, elementBytes, elementBytes, 0];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const [length = 1, chunkLength = 1, at = 0] = [shape[axis], chunkShape[axis], start[axis]];
    const count = Math.min(chunkLength, length - at);
    if (row === from && row === to) row *= count;
    else if (count > 1) axes.unshift({ count, from, to }); // so that there are not many more steps than rows
    first += at * to;
    from *= chunkLength;
    to *= length;
  }
  const copy = (level: number, source: number, place: number): void => {
    const axis = axes[level];
    if (axis === undefined) copyRow(target, place, chunk, source, row);
    else for (let i = 0; i < axis.count; i++) copy(level + 1, source + i * axis.from, place + i * axis.to);
  };
  copy(0, 0, first);
}

function copyRow(target: Uint8Array, to: number, source: Uint8Array, from: number, byteLength: number): void {
  // A view would take longer than so few bytes.
  if (byteLength < 64) for (let i = 0; i < byteLength; i++) target[to + i] = source[from + i] ?? 0;
  else target.set(source.subarray(from, from + byteLength), to);
}
