// The members of an HDF5 group by name: in a tree of symbol tables, as Keras has them, or as link messages. Only links
// to objects of the same file are followed, each object once.
import { Cursor, textOf } from "../cursor.js";
import { damaged, refused } from "../errors.js";
import { checkLimit } from "../limits.js";
import type { FileBytes } from "./bytes.js";
import { checkInHeader, MESSAGE, type Message, onlyMessage } from "./messages.js";
import { nodesBelow, TREE } from "./tree.js";

const HARD_LINK = 0;
const SYMBOLIC = 2;
const ENTRY_BYTES = 40;

/** Whether an object is a group. */
export const isGroup = (messages: readonly Message[]): boolean =>
  messages.some(({ type }) => type === MESSAGE.symbolTable || type === MESSAGE.linkInfo || type === MESSAGE.link);

/** The address of each member of a group. */
export function readMembers(
  file: FileBytes,
  messages: readonly Message[],
  what: string,
  addName: (length: number) => void,
): ReadonlyMap<string, number> {
  const members = new Map<string, number>();
  const table = onlyMessage(messages, MESSAGE.symbolTable, what);
  for (const [name, address] of table === null ? linksOf(messages, what) : entriesOf(file, table, what)) {
    addName(name.length);
    if (!isPlainName(name)) throw refused(`${what} has a member with the name ${JSON.stringify(name)}`);
    if (members.has(name)) throw refused(`${what} has the member ${JSON.stringify(name)} twice`);
    members.set(name, address);
    checkLimit(file.limits, "objects", members.size, `the number of members of ${what}`);
  }
  return members;
}

type Member = readonly [name: string, address: number];

function* entriesOf(file: FileBytes, table: Uint8Array, what: string): Generator<Member> {
  const message = new Cursor(table, what);
  const [tree, heap] = [message.u64(), message.u64()];
  const names = readHeap(file, heap, what);
  for (const { address: node } of nodesBelow(file, tree, { kind: TREE.members, keyBytes: 8, what })) {
    const head = file.cursor(node, 8, what).expect("SNOD").skip(2);
    const count = head.u16();
    const entries = file.cursor(node + 8, count * ENTRY_BYTES, what);
    for (let i = 0; i < count; i++) {
      const [nameOffset, address, kind] = [entries.u64(), entries.u64(), entries.u32()];
      entries.skip(20);
      if (kind === SYMBOLIC) throw refused(`${what} has a symbolic link`);
      yield [nameAt(names, nameOffset, what), address];
    }
  }
}

/** The bytes of a local heap, where the names of a group's members lie. */
function readHeap(file: FileBytes, address: number, what: string): Uint8Array {
  const head = file.cursor(address, 32, what).expect("HEAP").skip(4);
  const byteLength = head.u64();
  return file.claim(head.skip(8).u64(), byteLength, what);
}

function nameAt(names: Uint8Array, offset: number, what: string): string {
  const end = names.indexOf(0, offset);
  if (end < 0) throw damaged(`a name in ${what} has no end`);
  return textOf(names.subarray(offset, end), `a name in ${what}`);
}

function* linksOf(messages: readonly Message[], what: string): Generator<Member> {
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
    yield [name, cursor.u64()];
  }
}

function isPlainName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return name !== "" && name !== "." && name !== ".." && !/[/\u0000-\u001f\u007f]/.test(name);
}
