// The members of an HDF5 group by name: in a tree of symbol tables, as Keras has them, or as link messages. Only links
// to objects of the same file are followed, each object once.
import { Claims } from "../claims.js";
import { Cursor, textOf } from "../cursor.js";
import { damaged, refused } from "../errors.js";
import type { FileBytes } from "./bytes.js";
import { checkInHeader, MESSAGE, type Message, onlyMessage } from "./messages.js";
import { checkEmpty, TREE, visitLeaves } from "./tree.js";

const HARD_LINK = 0;
const SYMBOLIC = 2;
const ENTRY_BYTES = 40;
/** The place in a heap that means none. */
const NOTHING_FREE = 1;
/** What is free says how long it is, and where more is. */
const FREE_BYTES = 16;

/** The address of each member of a group by its path. */
export function readMembers(
  file: FileBytes,
  messages: readonly Message[],
  group: string,
  what: string,
): ReadonlyMap<string, number> {
  const members = new Map<string, number>();
  const add = (name: string, address: number): void => {
    if (!isPlainName(name)) throw refused(`${what} has a member with the name ${JSON.stringify(name)}`);
    const path = group === "" ? name : `${group}/${name}`;
    if (members.has(path)) throw refused(`${what} has the member ${JSON.stringify(name)} twice`);
    members.set(path, address);
    file.objects.add(1);
    file.names.add(path.length);
  };
  const table = onlyMessage(messages, MESSAGE.symbolTable, what);
  if (table === null) visitLinks(messages, what, add);
  else visitEntries(file, table, what, add);
  return members;
}

type Visit = (name: string, address: number) => void;

function visitEntries(file: FileBytes, table: Uint8Array, what: string, visit: Visit): void {
  if (table.length !== 16) throw damaged(`${what} has a table of symbols of ${table.length} bytes`);
  const message = new Cursor(table, what);
  const [tree, heap] = [message.u64(), message.u64()];
  const names = new NameHeap(file, heap, what);
  const room = file.nodeSizes.symbols;
  visitLeaves(file, tree, { kind: TREE.members, keyBytes: 8, what }, (_, address) => {
    const node = file
      .cursor(address, 8 + room * ENTRY_BYTES, what)
      .expect("SNOD")
      .skip(2);
    const count = node.u16();
    if (count > room) throw damaged(`${what} has a table of ${count} members`);
    for (let i = 0; i < count; i++) {
      const [nameOffset, member, kind] = [node.u64(), node.u64(), node.u32()];
      node.skip(20);
      if (kind === SYMBOLIC) throw refused(`${what} has a symbolic link`);
      visit(names.next(nameOffset), member);
    }
    checkEmpty(node, "table");
  });
  names.check();
}

/** The names of a group's members, which lie in a local heap, and come in the order of their bytes. */
class NameHeap {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  readonly #claims: Claims;
  #last = new Uint8Array(0);

  constructor(file: FileBytes, address: number, what: string) {
    const head = file.cursor(address, 32, what).expect("HEAP").skip(4);
    const [byteLength, free] = [head.u64(), head.u64()];
    this.#bytes = file.claim(head.u64(), byteLength, what);
    this.#what = `a name in ${what}`;
    this.#claims = new Claims(byteLength, file.pieces);
    for (let at = free; at !== NOTHING_FREE; ) {
      const block = new Cursor(this.#bytes.subarray(at), what);
      const [next, length] = [block.u64(), block.u64()];
      if (length < FREE_BYTES) throw damaged(`${what} has ${length} free bytes in one place`);
      this.#claims.add(at, length, what);
      at = next;
    }
  }

  /** The name at that place, where a multiple of 8 bytes is before it. */
  next(offset: number): string {
    const end = this.#bytes.indexOf(0, offset);
    if (end < 0 || offset % 8 > 0) throw damaged(`${this.#what} has no end`);
    this.#claims.add(offset, end + 1 - offset, this.#what);
    const name = this.#bytes.slice(offset, end);
    if (!isBefore(this.#last, name)) throw damaged(`${this.#what} is not in its order`);
    this.#last = name;
    return textOf(name, this.#what);
  }

  check(): void {
    this.#claims.check();
  }
}

function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  const at = b.findIndex((byte, i) => byte !== a[i]);
  return at >= 0 && (a[at] ?? -1) < (b[at] ?? -1);
}

function visitLinks(messages: readonly Message[], what: string, visit: Visit): void {
  const info = onlyMessage(messages, MESSAGE.linkInfo, what);
  if (info !== null) checkInHeader(info, what, "links");
  for (const { type, body } of messages) {
    if (type !== MESSAGE.link) continue;
    const cursor = new Cursor(body, `a link of ${what}`).skip(1);
    const flags = cursor.u8();
    const kind = flags & 8 ? cursor.u8() : HARD_LINK;
    cursor.skip((flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
    const length = cursor.unsigned(1 << (flags & 3));
    const name = textOf(cursor.bytes(length), `a name in ${what}`);
    if (kind !== HARD_LINK) throw refused(`${what} has a link that is followed elsewhere, ${JSON.stringify(name)}`);
    visit(name, cursor.u64());
  }
}

function isPlainName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return name !== "" && name !== "." && name !== ".." && !/[/\u0000-\u001f\u007f]/.test(name);
}
