// Which field of the HDF5 format each byte of a file is, for files as Keras writes them: superblock 0 and headers of the
// first form. Written from the format's specification, apart from the reader that it is a check on.

/** The field of each byte; "" for one that is no part of a structure. */
export type Fields = readonly string[];

interface Place {
  readonly at: number;
  readonly length: number;
}

const TYPES: Readonly<Record<number, string>> = {
  ...{ 1: "dataspace", 3: "datatype", 5: "fill value", 8: "layout", 12: "attribute" },
  ...{ 16: "continuation", 17: "symbol table", 18: "time", 0: "nil" },
};

class Labels {
  readonly fields: string[];
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.fields = Array<string>(bytes.length).fill("");
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Names fields that follow each other, `[name, bytes]`; where they end. */
  name(at: number, what: string, fields: readonly (readonly [name: string, length: number])[]): number {
    let end = at;
    for (const [name, length] of fields) {
      this.fields.fill(`${what}: ${name}`, end, end + length);
      end += length;
    }
    return end;
  }

  u8 = (at: number): number => this.#view.getUint8(at);
  u16 = (at: number): number => this.#view.getUint16(at, true);
  u32 = (at: number): number => this.#view.getUint32(at, true);
  u64 = (at: number): number => Number(this.#view.getBigUint64(at, true));
  text = (at: number): number => {
    let end = at;
    while (this.u8(end) !== 0) end++;
    return end + 1 - at;
  };
}

const ENTRY = [
  ...[["name's place", 8] as const, ["object's address", 8] as const, ["cache kind", 4] as const],
  ...[["reserved", 4] as const, ["scratch", 16] as const],
] as const;

/** The field of each byte of a file. */
export function fieldsOf(bytes: Uint8Array): Fields {
  const labels = new Labels(bytes);
  const root = labels.name(0, "superblock", [
    ...([
      ["signature", 8] as const,
      ["versions", 3] as const,
      ["reserved", 1] as const,
      ["versions", 1] as const,
    ] as const),
    ...([["sizes", 2] as const, ["reserved", 1] as const, ["tree sizes", 4] as const, ["flags", 4] as const] as const),
    ...([
      ["base", 8] as const,
      ["free space", 8] as const,
      ["end of file", 8] as const,
      ["driver", 8] as const,
    ] as const),
  ]);
  labels.name(root, "superblock's entry", ENTRY);
  header(labels, labels.u64(root + 8));
  return labels.fields;
}

function header(labels: Labels, at: number): void {
  const version = [["version", 1] as const, ["reserved", 1] as const, ["number of messages", 2] as const] as const;
  const start = labels.name(at, "header", [...version, ["references", 4], ["size", 4], ["padding", 4]]);
  const blocks: Place[] = [{ at: start, length: labels.u32(at + 8) }];
  for (const block of blocks) {
    for (let next = block.at; next < block.at + block.length; ) {
      const [type, length] = [labels.u16(next), labels.u16(next + 2)];
      const body = labels.name(next, "message", [
        ["kind", 2],
        ["size", 2],
        ["flags", 1],
        ["reserved", 3],
      ]);
      message(labels, type, { at: body, length });
      if (type === 0x10) blocks.push({ at: labels.u64(body), length: labels.u64(body + 8) });
      next = body + length;
    }
  }
}

function message(labels: Labels, type: number, { at, length }: Place): void {
  const what = TYPES[type] ?? `message ${type}`;
  labels.name(at, what, [["content", length]]);
  if (type === 0x01) dataspace(labels, at, what);
  if (type === 0x03) datatype(labels, at, what);
  if (type === 0x08)
    labels.name(at, what, [
      ["version", 1],
      ["kind", 1],
      ["address", 8],
      ["size", 8],
      ["padding", length - 18],
    ]);
  if (type === 0x0c) attribute(labels, at, length);
  if (type === 0x10)
    labels.name(at, what, [
      ["address", 8],
      ["size", 8],
    ]);
  if (type === 0x11) group(labels, labels.u64(at), labels.u64(at + 8));
}

function dataspace(labels: Labels, at: number, what: string): void {
  const rank = labels.u8(at + 1);
  const axes = labels.name(at, what, [
    ["version", 1],
    ["rank", 1],
    ["flags", 1],
    ["reserved", 5],
    ["lengths", 8 * rank],
  ]);
  if (labels.u8(at + 2) & 1) labels.name(axes, what, [["greatest lengths", 8 * rank]]);
}

function datatype(labels: Labels, at: number, what: string): void {
  labels.name(at, what, [
    ["version and class", 1],
    ["flags", 3],
    ["size", 4],
  ]);
}

function attribute(labels: Labels, at: number, length: number): void {
  const what = "attribute";
  const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;
  const [name, type, space] = [labels.u16(at + 2), labels.u16(at + 4), labels.u16(at + 6)];
  const start = labels.name(at, what, [
    ["version", 1],
    ["reserved", 1],
    ["sizes", 6],
  ]);
  labels.name(start, what, [
    ["name", name],
    ["padding", padded(name) - name],
  ]);
  const typeAt = start + padded(name);
  labels.name(typeAt, "attribute's datatype", [
    ["content", type],
    ["padding", padded(type) - type],
  ]);
  datatype(labels, typeAt, "attribute's datatype");
  const spaceAt = typeAt + padded(type);
  labels.name(spaceAt, "attribute's dataspace", [["padding", padded(space)]]);
  dataspace(labels, spaceAt, "attribute's dataspace");
  const value = spaceAt + padded(space);
  labels.name(value, what, [["value", at + length - value]]);
  if ((labels.u8(typeAt) & 15) !== 9) return;
  labels.name(value, what, [
    ["text's length", 4],
    ["heap's address", 8],
    ["heap's index", 4],
  ]);
  collection(labels, labels.u64(value + 4));
}

function collection(labels: Labels, at: number): void {
  if (at === 0) return;
  const what = "text heap";
  const end = at + labels.u64(at + 8);
  let next = labels.name(at, what, [
    ["signature", 4],
    ["version", 1],
    ["reserved", 3],
    ["size", 8],
  ]);
  while (next < end) {
    const [index, length] = [labels.u16(next), labels.u64(next + 8)];
    next = labels.name(next, what, [
      ["index", 2],
      ["references", 2],
      ["reserved", 4],
      ["text's size", 8],
    ]);
    if (index === 0) return; // what follows is free
    next = labels.name(next, what, [
      ["text", length],
      ["padding", Math.ceil(length / 8) * 8 - length],
    ]);
  }
}

function group(labels: Labels, tree: number, heap: number): void {
  labels.name(heap, "name heap", [
    ["signature", 4],
    ["version", 1],
    ["reserved", 3],
    ["size", 8],
    ["free list", 8],
    ["address", 8],
  ]);
  const names = labels.u64(heap + 24);
  labels.name(names, "name heap", [["unused", labels.u64(heap + 8)]]);
  labels.name(names, "name heap", [["name", 8]]); // the empty one, which keys of trees begin with
  for (let free = labels.u64(heap + 16); free !== 1; free = labels.u64(names + free)) {
    labels.name(names + free, "name heap", [["free list", 16]]);
  }
  node(labels, tree, names);
}

function node(labels: Labels, at: number, names: number): void {
  const [level, count] = [labels.u8(at + 5), labels.u16(at + 6)];
  const head = [["signature", 4] as const, ["kind", 1] as const, ["level", 1] as const, ["count", 2] as const] as const;
  let next = labels.name(at, "tree", [...head, ["siblings", 16]]);
  for (let i = 0; i < count; i++) {
    next = labels.name(next, "tree", [
      ["key", 8],
      ["child", 8],
    ]);
    if (level > 0) node(labels, labels.u64(next - 8), names);
    else symbols(labels, labels.u64(next - 8), names);
  }
  labels.name(next, "tree", [["key", 8]]);
}

function symbols(labels: Labels, at: number, names: number): void {
  const count = labels.u16(at + 6);
  let next = labels.name(at, "symbols", [
    ["signature", 4],
    ["version", 1],
    ["reserved", 1],
    ["count", 2],
  ]);
  for (let i = 0; i < count; i++) {
    const name = names + labels.u64(next);
    const length = labels.text(name);
    labels.name(name, "name heap", [
      ["name", length],
      ["padding", Math.ceil(length / 8) * 8 - length],
    ]);
    const object = labels.u64(next + 8);
    next = labels.name(next, "symbols", ENTRY);
    header(labels, object);
  }
}
