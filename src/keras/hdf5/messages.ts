// The messages that describe an object of an HDF5 file: its header is a list of them, in one of two forms.
import type { Cursor } from "../cursor.js";
import { damaged, refused, unsupported } from "../errors.js";
import { checkLimit, type ResolvedLimits } from "../limits.js";
import type { FileBytes } from "./bytes.js";

/** The kinds of message that say something about Keras' groups and arrays. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  modified: 0x12,
  attributeInfo: 0x15,
} as const;

/** Kinds that say nothing of use here: no message, fill values, group hints, comments, times, counts of links. */
const IGNORED: ReadonlySet<number> = new Set([0x00, 0x04, 0x05, 0x0a, 0x0d, 0x0e, 0x13, 0x16]);
const KNOWN: ReadonlySet<number> = new Set(Object.values(MESSAGE));
const SHARED = 2;

export interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

/** A stretch of the file that holds messages. */
interface Block {
  readonly cursor: Cursor;
  readonly next: (cursor: Cursor) => Message;
  /** Bytes of a message's own head: less than that at the end is a gap. */
  readonly headBytes: number;
}

/** All messages of the object at this address, those that are of no use left out. */
export function readMessages(file: FileBytes, address: number, what: string, limits: ResolvedLimits): Message[] {
  const isSecond = file.bytes[address] === 0x4f; // "OHDR"
  const messages: Message[] = [];
  const blocks = [isSecond ? secondHeader(file, address, what) : firstHeader(file, address, what)];
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    const { cursor, next, headBytes } = block;
    while (cursor.left >= headBytes) {
      const message = next(cursor);
      if (message.type === MESSAGE.continuation) blocks.push(continued(file, message.body, block, what));
      else if (KNOWN.has(message.type)) messages.push(message);
      else if (!IGNORED.has(message.type))
        throw unsupported(`${what} has a message of the unknown kind ${message.type}`);
      checkLimit(limits, "objects", messages.length, `the number of messages of ${what}`);
    }
  }
  if (messages.some(({ type }) => type === MESSAGE.externalFiles)) throw refused(`${what} lies in another file`);
  return messages;
}

/** The only message of a kind, or null for none. */
export function onlyMessage(messages: readonly Message[], type: number, what: string): Uint8Array | null {
  const found = messages.filter((message) => message.type === type);
  if (found.length > 1) throw damaged(`${what} has the message ${type} twice`);
  return found[0]?.body ?? null;
}

function firstHeader(file: FileBytes, address: number, what: string): Block {
  const head = file.cursor(address, 16, what);
  if (head.u8() !== 1) throw damaged(`${what} has no object header`);
  const byteLength = head.skip(7).u32();
  return { cursor: file.cursor(address + 16, byteLength, what), next: firstMessage, headBytes: 8 };
}

function firstMessage(cursor: Cursor): Message {
  const [type, length, flags] = [cursor.u16(), cursor.u16(), cursor.u8()];
  const body = cursor.skip(3).bytes(length);
  return checkShared({ type, body }, flags, cursor.what);
}

function secondHeader(file: FileBytes, address: number, what: string): Block {
  const head = file.cursor(address, 6, what).expect("OHDR");
  if (head.u8() !== 2) throw damaged(`${what} has no object header`);
  const flags = head.u8();
  const extra = (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const sizeBytes = 1 << (flags & 3);
  const byteLength = file
    .cursor(address + 6, extra + sizeBytes, what)
    .skip(extra)
    .unsigned(sizeBytes);
  const ordered = (flags & 4) !== 0;
  const next = (cursor: Cursor) => secondMessage(cursor, ordered);
  const cursor = file.cursor(address + 6 + extra + sizeBytes, byteLength, what);
  return { cursor, next, headBytes: ordered ? 6 : 4 };
}

function secondMessage(cursor: Cursor, ordered: boolean): Message {
  const [type, length, flags] = [cursor.u8(), cursor.u16(), cursor.u8()];
  const body = cursor.skip(ordered ? 2 : 0).bytes(length);
  return checkShared({ type, body }, flags, cursor.what);
}

/** The block that a continuation message points to; in the second form it has a signature and a checksum around it. */
function continued(file: FileBytes, body: Uint8Array, { next, headBytes }: Block, what: string): Block {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (body.length < 16) throw damaged(`${what} has a continuation that ends early`);
  const [address, byteLength] = [Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true))];
  if (next === firstMessage) return { cursor: file.cursor(address, byteLength, what), next, headBytes };
  if (byteLength < 8) throw damaged(`${what} has a continuation that ends early`);
  const cursor = file.cursor(address, byteLength - 4, what).expect("OCHK");
  return { cursor, next, headBytes };
}

function checkShared(message: Message, flags: number, what: string): Message {
  const isUseful = KNOWN.has(message.type);
  if (isUseful && flags & SHARED) throw unsupported(`${what} shares a message with another object`);
  return message;
}
