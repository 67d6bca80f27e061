// HDF5 written byte by byte, so that it can say what no library would write: superblock 0 and headers of the first form.

export const NOWHERE = 2 ** 64;
export const CONTINUATION = 0x10;
const NODE_ROOM = { members: 32, chunks: 64, symbols: 8 };

/** A number and how many bytes it takes. */
export type Field = readonly [value: number, byteLength: 1 | 2 | 4 | 8];

/** The bytes of numbers, little-endian. */
export function numbers(...fields: readonly Field[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [, length]) => sum + length, 0)));
  let at = 0;
  for (const [value, length] of fields) {
    if (length === 8) view.setBigUint64(at, BigInt.asUintN(64, value >= NOWHERE ? -1n : BigInt(value)), true);
    else if (length === 4) view.setUint32(at, value, true);
    else if (length === 2) view.setUint16(at, value, true);
    else view.setUint8(at, value);
    at += length;
  }
  return new Uint8Array(view.buffer);
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => joined(parts);

/** As `concat`, of any number of them. */
export const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const padded = (bytes: Uint8Array, byteLength = Math.ceil(bytes.length / 8) * 8): Uint8Array =>
  concat(bytes, new Uint8Array(byteLength - bytes.length));

/** What a dataset is made of. */
export interface ArrayParts {
  readonly shape: readonly number[];
  readonly layout: Uint8Array;
  readonly filters?: Uint8Array;
  /** 4 for float32, 1 for int8. */
  readonly elementBytes?: 1 | 4;
}

/** A file that grows. */
export class Hdf5Maker {
  #parts: Uint8Array[] = [new Uint8Array(96)];
  length = 96;

  /** Where these bytes lie now. */
  add(bytes: Uint8Array): number {
    const at = this.length;
    this.#parts.push(padded(bytes));
    this.length += Math.ceil(bytes.length / 8) * 8;
    return at;
  }

  /** The whole file, whose root is the object at that address. */
  file(root: number): Uint8Array {
    const head = concat(
      ascii("\x89HDF\r\n\x1a\n"),
      numbers([0, 4], [0, 1], [8, 1], [8, 1], [0, 1], [NODE_ROOM.symbols / 2, 2], [NODE_ROOM.members / 2, 2], [0, 4]),
      numbers([0, 8], [NOWHERE, 8], [this.length, 8], [NOWHERE, 8], [0, 8], [root, 8], [0, 8], [0, 8], [0, 8]),
    );
    return joined([head, ...this.#parts.slice(1)]);
  }

  header(messages: readonly Uint8Array[], count = messages.length): number {
    const body = joined(messages);
    return this.add(
      concat(numbers([1, 1], [0, 1], [Math.min(count, 65535), 2], [1, 4], [body.length, 4], [0, 4]), body),
    );
  }

  /** A group of these members, which are in the order of their names. */
  group(members: readonly (readonly [name: string, address: number])[], more: readonly Uint8Array[] = []): number {
    let at = 8;
    const places = members.map(([name]) => {
      const place = at;
      at += Math.ceil((name.length + 1) / 8) * 8;
      return place;
    });
    const heap = joined([new Uint8Array(8), ...members.map(([name]) => padded(ascii(`${name}\0`)))]);
    const entries = members.map(([, address], i) => [places[i] ?? 0, address] as const);
    return this.header([this.symbolTable(this.members(entries), this.heap(heap)), ...more]);
  }

  symbolTable = (tree: number, heap: number): Uint8Array => message(0x11, numbers([tree, 8], [heap, 8]));

  heap(names: Uint8Array, free = 1): number {
    const data = this.add(names);
    return this.add(concat(ascii("HEAP"), numbers([0, 4], [names.length, 8], [free, 8], [data, 8])));
  }

  /** The tree of a group's members, by the places of their names. */
  members(entries: readonly (readonly [name: number, address: number])[]): number {
    const tables = inParts(entries, NODE_ROOM.symbols).map((part) => this.symbols(part));
    return this.tree(
      0,
      NODE_ROOM.members,
      tables.map((table) => [numbers([0, 8]), table]),
      8,
    );
  }

  symbols(entries: readonly (readonly [name: number, address: number])[]): number {
    const found = entries.map(([name, address]) => numbers([name, 8], [address, 8], [0, 8], [0, 8], [0, 8]));
    const head = concat(ascii("SNOD"), numbers([1, 1], [0, 1], [entries.length, 2]));
    return this.add(padded(concat(head, ...found), 8 + 40 * NODE_ROOM.symbols));
  }

  /** A tree over leaves, of as many levels as they need. */
  tree(kind: 0 | 1, room: number, leaves: readonly (readonly [Uint8Array, number])[], keyBytes: number): number {
    let nodes = leaves;
    for (let level = 0; ; level++) {
      const above = inParts(nodes, room).map((part) => this.node(kind, level, room, part, keyBytes));
      if (above.length <= 1) return above[0] ?? this.node(kind, 0, room, [], keyBytes);
      nodes = above.map((address) => [new Uint8Array(keyBytes), address]);
    }
  }

  node(
    kind: 0 | 1,
    level: number,
    room: number,
    leaves: readonly (readonly [Uint8Array, number])[],
    keyBytes: number,
  ): number {
    const head = concat(ascii("TREE"), numbers([kind, 1], [level, 1], [leaves.length, 2], [NOWHERE, 8], [NOWHERE, 8]));
    const entries = leaves.map(([key, address]) => concat(key, numbers([address, 8])));
    return this.add(padded(concat(head, ...entries), 24 + room * (keyBytes + 8) + keyBytes));
  }

  array({ shape, layout, filters, elementBytes = 4 }: ArrayParts, more: readonly Uint8Array[] = []): number {
    const space = message(0x01, numbers([1, 1], [shape.length, 1], [0, 2], [0, 4], ...shape.map((n): Field => [n, 8])));
    const packed = filters === undefined ? [] : [message(0x0b, filters)];
    return this.header([space, message(0x03, TYPES[elementBytes]), message(0x08, layout), ...packed, ...more]);
  }

  /** An array in one piece. */
  plain(shape: readonly number[]): number {
    const byteLength = 4 * shape.reduce((product, n) => product * n, 1);
    return this.array({ shape, layout: contiguous(this.add(new Uint8Array(byteLength)), byteLength) });
  }

  /** An array in chunks: where each begins, and its bytes as they are stored. */
  chunked(
    { shape, filters, elementBytes = 4, chunkShape }: Omit<ArrayParts, "layout"> & { chunkShape: readonly number[] },
    chunks: readonly (readonly [start: readonly number[], bytes: Uint8Array])[],
  ): number {
    const keyBytes = 8 + 8 * (shape.length + 1);
    const leaves = chunks.map(([start, bytes]) => {
      const key = numbers([bytes.length, 4], [0, 4], ...start.map((at): Field => [at, 8]), [0, 8]);
      return [key, this.add(bytes)] as const;
    });
    const root = this.tree(1, NODE_ROOM.chunks, leaves, keyBytes);
    const sizes = [...chunkShape, elementBytes].map((n): Field => [n, 4]);
    const layout = numbers([3, 1], [2, 1], [shape.length + 1, 1], [root, 8], ...sizes);
    return this.array({ shape, layout, elementBytes, ...(filters === undefined ? {} : { filters }) });
  }
}

const TYPES = {
  1: numbers([0x10, 1], [8, 1], [0, 2], [1, 4], [0, 2], [8, 2]),
  4: numbers(
    [0x11, 1],
    [0x20, 1],
    [31, 1],
    [0, 1],
    [4, 4],
    [0, 2],
    [32, 2],
    [23, 1],
    [8, 1],
    [0, 1],
    [23, 1],
    [127, 4],
  ),
};

export function message(type: number, body: Uint8Array): Uint8Array {
  const content = padded(body);
  return concat(numbers([type, 2], [content.length, 2], [0, 4]), content);
}

export const contiguous = (address: number, byteLength: number): Uint8Array =>
  numbers([3, 1], [1, 1], [address, 8], [byteLength, 8]);

export const compact = (bytes: Uint8Array): Uint8Array => concat(numbers([3, 1], [0, 1], [bytes.length, 2]), bytes);

/** Filters by their numbers: 1 is deflate, 2 is shuffle. */
export function filtersOf(...ids: readonly number[]): Uint8Array {
  return concat(
    numbers([1, 1], [ids.length, 1], [0, 2], [0, 4]),
    ...ids.map((id) => numbers([id, 2], [0, 2], [0, 2], [0, 2])),
  );
}

/** An attribute whose text lies in a collection. */
export function attribute(name: string, length: number, collection: number, index: number): Uint8Array {
  const base = numbers([0x10, 1], [0, 1], [0, 2], [1, 4], [0, 2], [8, 2]);
  const type = concat(numbers([0x19, 1], [1, 1], [1, 2], [16, 4]), base);
  const space = numbers([1, 1], [0, 1], [0, 2], [0, 4]);
  const head = numbers([1, 1], [0, 1], [name.length + 1, 2], [type.length, 2], [space.length, 2]);
  const value = numbers([length, 4], [collection, 8], [index, 4]);
  return message(0x0c, concat(head, padded(ascii(`${name}\0`)), padded(type), space, value));
}

/** A collection of texts, numbered from 1. */
export function collection(texts: readonly string[]): Uint8Array {
  const objects = texts.map((text, i) =>
    concat(numbers([i + 1, 2], [1, 2], [0, 4], [text.length, 8]), padded(ascii(text))),
  );
  const body = joined(objects);
  return concat(ascii("GCOL"), numbers([1, 1], [0, 1], [0, 2], [body.length + 16, 8]), body);
}

function inParts<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
