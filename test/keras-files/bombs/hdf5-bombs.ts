// HDF5 files of few bytes that ask for much: each structure deep, wide, repeated, pointing at itself, or standing for more.
import * as zlib from "node:zlib";
import { deflateSync } from "fflate";
import {
  ascii,
  attribute,
  CONTINUATION,
  collection,
  compact,
  concat,
  contiguous,
  filtersOf,
  Hdf5Maker,
  joined,
  message,
  NOWHERE,
  numbers,
} from "./hdf5.js";

/** A file that grows with a number. */
export type Bomb = (size: number) => Uint8Array;

/** Names in the order of their bytes. */
const named = (count: number, nameOf = (i: number) => String(i).padStart(7, "0")): string[] =>
  Array.from({ length: count }, (_, i) => nameOf(i));

/** A file of one object. */
function only(make: (maker: Hdf5Maker) => number): Uint8Array {
  const maker = new Hdf5Maker();
  return maker.file(maker.group([["a", make(maker)]]));
}

/** A file of these members of the root. */
function wide(names: readonly string[], make: (maker: Hdf5Maker, i: number) => number): Uint8Array {
  const maker = new Hdf5Maker();
  return maker.file(maker.group(names.map((name, i) => [name, make(maker, i)])));
}

const empty = (maker: Hdf5Maker): number => maker.group([]);
const scalar = (maker: Hdf5Maker): number => maker.array({ shape: [], layout: compact(new Uint8Array(4)) });
const zeros = (length: number): Uint8Array => new Uint8Array(zlib.deflateSync(new Uint8Array(length), { level: 9 }));

/** A group in a group, each with what `beside` gives. */
function deep(
  levels: number,
  name: string,
  beside: (maker: Hdf5Maker) => readonly (readonly [string, number])[],
): Uint8Array {
  const maker = new Hdf5Maker();
  let group = maker.group(beside(maker));
  for (let level = 1; level < levels; level++) group = maker.group([[name, group], ...beside(maker)]);
  return maker.file(group);
}

/** Headers that go on elsewhere, the last one in `end`, or in the block before it. */
function continued(blocks: number, loops: boolean): Uint8Array {
  const maker = new Hdf5Maker();
  const first = maker.length;
  for (let i = 0; i < blocks; i++) {
    const isLast = i === blocks - 1;
    const next = message(CONTINUATION, numbers([isLast ? first : maker.length + 24, 8], [24, 8]));
    maker.add(isLast && !loops ? message(0, new Uint8Array(16)) : next);
  }
  const table = maker.symbolTable(maker.members([]), maker.heap(new Uint8Array(8)));
  return maker.file(maker.header([table, message(CONTINUATION, numbers([first, 8], [24, 8]))], blocks + 2));
}

const inChunks = (count: number, filters: readonly number[], bytes: Uint8Array): Uint8Array =>
  only((maker) =>
    maker.chunked(
      { shape: [count], chunkShape: [1], filters: filtersOf(...filters) },
      Array.from({ length: count }, (_, i) => [[i], bytes] as const),
    ),
  );

/** A group whose tree is made by hand. */
const withTree = (make: (maker: Hdf5Maker) => number, heap: Uint8Array = new Uint8Array(8), free = 1): Uint8Array => {
  const maker = new Hdf5Maker();
  const tree = make(maker);
  return maker.file(maker.header([maker.symbolTable(tree, maker.heap(heap, free))]));
};

/** Int8 in chunks of one column: each row of a chunk has one byte. */
function columns(length: number, axes: readonly number[]): Uint8Array {
  const chunk = zeros(length);
  const starts = axes
    .map((_, axis) => axis)
    .reduce<number[][]>(
      (all, axis) => all.flatMap((start) => Array.from({ length: axes[axis] ?? 1 }, (_, i) => [...start, i])),
      [[0]],
    );
  return only((maker) =>
    maker.chunked(
      { shape: [length, ...axes], chunkShape: [length, ...axes.map(() => 1)], filters: filtersOf(1), elementBytes: 1 },
      starts.map((start) => [start, chunk] as const),
    ),
  );
}

export const HDF5_BOMBS: Readonly<Record<string, Bomb>> = {
  "groups side by side": (n) => wide(named(n), empty),
  "groups within each other": (n) => deep(Math.min(n, 1000), "g", () => []),
  "arrays side by side": (n) => wide(named(n), scalar),
  "arrays without elements": (n) => wide(named(n), (maker) => maker.plain([0, 2 ** 40])),
  "arrays in layers within layers": (n) =>
    deep(40, "layer", (maker) => [["vars", maker.group([["0", maker.plain([Math.ceil(n / 40)])]])]]),
  "long names": (n) =>
    wide(
      named(Math.ceil(n / 20), (i) => String(i).padStart(1000, "0")),
      empty,
    ),
  "names of many numbers": (n) =>
    wide([`${"1a".repeat(400)}`], (maker) =>
      maker.group(
        named(n).map((name) => [name, maker.group([["vars", maker.group([["0", scalar(maker)]])]])] as const),
      ),
    ),
  "names that share bytes": (n) =>
    withTree(
      (maker) => maker.members(named(n).map((_, i) => [8 + 8 * (n - i), scalar(maker)])),
      ascii(`${"a".repeat(8 * n + 16)}\0`),
    ),
  "a member again and again": (n) => {
    const maker = new Hdf5Maker();
    const address = scalar(maker);
    return maker.file(maker.group(named(n).map((name) => [name, address])));
  },
  "messages of no use": (n) => only((maker) => maker.header(Array<Uint8Array>(n).fill(message(0, new Uint8Array(0))))),
  "continuations one after the other": (n) => continued(n, false),
  "continuations in a circle": (n) => continued(1 + (n % 50), true),
  "attributes with texts of their own": (n) => texts(n, (i) => i + 1, named(n)),
  "attributes with one text": (n) => texts(n, () => 1, ["t".repeat(4000)]),
  "chunks of one element": (n) => inChunks(n, [], new Uint8Array(4)),
  "packed chunks of one element": (n) => inChunks(n, [1], zeros(4)),
  "shuffled chunks": (n) => inChunks(n, [2], new Uint8Array(4)),
  "254 filters that shuffle": (n) =>
    only((maker) =>
      maker.chunked({ shape: [n], chunkShape: [n], filters: filtersOf(...Array<number>(254).fill(2)) }, [
        [[0], new Uint8Array(4 * n)],
      ]),
    ),
  "a chunk that unpacks to much": (n) =>
    only((maker) =>
      maker.chunked({ shape: [250 * n], chunkShape: [250 * n], filters: filtersOf(2, 1) }, [[[0], zeros(1000 * n)]]),
    ),
  "a chunk that says it is smaller": (n) =>
    only((maker) => maker.chunked({ shape: [1], chunkShape: [1], filters: filtersOf(1) }, [[[0], zeros(1000 * n)]])),
  "chunks that are no deflate stream": (n) =>
    inChunks(n, [1], concat(ascii("\x78\x9c"), deflateSync(new Uint8Array(9)).reverse())),
  "40 packed arrays": (n) =>
    wide(named(40), (maker) =>
      maker.chunked({ shape: [25 * n], chunkShape: [25 * n], filters: filtersOf(1) }, [[[0], zeros(100 * n)]]),
    ),
  "rows of one byte": (n) => columns(20 * n, [2]),
  "rows of one byte on many axes": (n) => columns(20 * n, Array<number>(30).fill(1)),
  "chunks that reach over the edge": (n) =>
    only((maker) =>
      maker.chunked(
        { shape: [1, n], chunkShape: [1000, 1], filters: filtersOf(1) },
        named(n).map((_, i) => [[0, i], zeros(4000)] as const),
      ),
    ),
  "a tree of nodes within each other": (n) =>
    withTree((maker) => {
      let node = maker.node(0, 0, 32, [], 8);
      for (let level = 1; level < 2 + (n % 254); level++)
        node = maker.node(0, level, 32, [[new Uint8Array(8), node]], 8);
      return node;
    }),
  "a tree of nodes that repeat": (n) =>
    withTree((maker) => {
      let node = maker.node(0, 0, 32, [], 8);
      for (let level = 1; level < 2 + (n % 60); level++)
        node = maker.node(0, level, 32, Array<readonly [Uint8Array, number]>(32).fill([new Uint8Array(8), node]), 8);
      return node;
    }),
  "a tree of empty tables": (n) =>
    withTree((maker) =>
      maker.tree(
        0,
        32,
        named(n).map(() => [new Uint8Array(8), maker.symbols([])]),
        8,
      ),
    ),
  "a tree that points at itself": () =>
    withTree((maker) => maker.node(0, 1, 32, [[new Uint8Array(8), maker.length]], 8)),
  "a free list in a circle": (n) =>
    withTree(
      (maker) => maker.members([]),
      joined([new Uint8Array(8), ...named(n).map((_, i) => numbers([8 + 16 * ((i + 1) % n), 8], [16, 8]))]),
      8,
    ),
  "a free list of nothing": () =>
    withTree((maker) => maker.members([]), joined([new Uint8Array(8), numbers([8, 8], [0, 8])]), 8),
  "a shape of very much": (n) =>
    wide(named(n), (maker) => maker.array({ shape: Array<number>(32).fill(2 ** 40), layout: contiguous(NOWHERE, 0) })),
  "a shape of 32 axes": (n) =>
    wide(named(n), (maker) => maker.array({ shape: Array<number>(32).fill(1), layout: compact(new Uint8Array(4)) })),
  "arrays over the same bytes": (n) => {
    const maker = new Hdf5Maker();
    const data = maker.add(new Uint8Array(4 * n));
    const members = named(n).map(
      (name) => [name, maker.array({ shape: [n], layout: contiguous(data, 4 * n) })] as const,
    );
    return maker.file(maker.group(members));
  },
  "arrays over each other": (n) => {
    const maker = new Hdf5Maker();
    const data = maker.add(new Uint8Array(8 * n));
    const members = named(n).map(
      (name, i) => [name, maker.array({ shape: [n], layout: contiguous(data + 4 * i, 4 * n) })] as const,
    );
    return maker.file(maker.group(members));
  },
  "an array over the head": (n) =>
    only((maker) => maker.array({ shape: [n % 200], layout: contiguous(n % 90, 4 * (n % 200)) })),
  "links in a header of the second form": (n) => {
    const maker = new Hdf5Maker();
    const links = named(n).map((name) => [name, scalar(maker)] as const);
    const body = joined(
      links.map(([name, address]) =>
        concat(
          numbers([6, 1], [3 + name.length + 8, 2], [0, 1], [1, 1], [0, 1], [name.length, 1]),
          ascii(name),
          numbers([address, 8]),
        ),
      ),
    );
    return maker.file(
      maker.add(concat(ascii("OHDR"), numbers([2, 1], [2, 1], [body.length, 4]), body, new Uint8Array(4))),
    );
  },
};

/** A group with as many attributes, and the texts that they have. */
function texts(count: number, indexOf: (i: number) => number, all: readonly string[]): Uint8Array {
  const maker = new Hdf5Maker();
  const place = maker.add(collection(all));
  const attributes = named(count).map((name, i) =>
    attribute(name, all[indexOf(i) - 1]?.length ?? 0, place, indexOf(i)),
  );
  return maker.file(maker.group([], attributes));
}
