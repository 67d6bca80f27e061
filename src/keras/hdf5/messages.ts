// The messages that describe an object of an HDF5 file: its header is a list of them, in one of two forms.
import { Cursor } from "../cursor.js";
import { damaged, refused, unsupported } from "../errors.js";
import { checkLimit } from "../limits.js";
import { type FileBytes, NOWHERE } from "./bytes.js";

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
/** Bytes of a message's own head in the first form; the second has less. */
const FIRST_HEAD_BYTES = 8;

export interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

/** All messages of the object at this address, those that are of no use left out. */
export function readMessages(file: FileBytes, address: number, what: string): Message[] {
  const isSecond = file.bytes[address] === 0x4f; // "OHDR"
  const { block: first, headBytes } = isSecond ? secondHeader(file, address, what) : firstHeader(file, address, what);
  const messages: Message[] = [];
  const blocks = [first];
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    while (block.left >= headBytes) {
      const { type, body } = nextMessage(block, headBytes);
      if (type === MESSAGE.continuation) blocks.push(continued(file, body, headBytes, what));
      else if (KNOWN.has(type)) messages.push({ type, body });
      else if (!IGNORED.has(type)) throw unsupported(`${what} has a message of the unknown kind ${type}`);
      checkLimit(file.limits, "objects", messages.length, `the number of messages of ${what}`);
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

/** Throws for links or attributes that lie outside the header, as very many do, by the message about them. */
export function checkInHeader(info: Uint8Array, what: string, items: "links" | "attributes"): void {
  const cursor = new Cursor(info, what).skip(1);
  const isOrdered = cursor.u8() & 1;
  const orderBytes = items === "links" ? 8 : 2;
  if (cursor.skip(isOrdered ? orderBytes : 0).u64() === NOWHERE) return;
  throw unsupported(`${what} keeps its ${items} in a form that Keras does not write`);
}

/** The first stretch of messages of an object. */
interface Header {
  readonly block: Cursor;
  /** Bytes of a message's own head: less than that at the end of a stretch is a gap. */
  readonly headBytes: number;
}

function firstHeader(file: FileBytes, address: number, what: string): Header {
  const head = file.cursor(address, 16, what);
  if (head.u8() !== 1) throw damaged(`${what} has no object header`);
  const byteLength = head.skip(7).u32();
  return { block: file.cursor(address + 16, byteLength, what), headBytes: FIRST_HEAD_BYTES };
}

function secondHeader(file: FileBytes, address: number, what: string): Header {
  const head = file.cursor(address, 6, what).expect("OHDR");
  if (head.u8() !== 2) throw damaged(`${what} has no object header`);
  const flags = head.u8();
  const extra = (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const sizeBytes = 1 << (flags & 3);
  const size = file.cursor(address + 6, extra + sizeBytes, what).skip(extra);
  const block = file.cursor(address + 6 + extra + sizeBytes, size.unsigned(sizeBytes), what);
  return { block, headBytes: flags & 4 ? 6 : 4 }; // with the order of creation, or without
}

function nextMessage(block: Cursor, headBytes: number): Message {
  const typeBytes = headBytes === FIRST_HEAD_BYTES ? 2 : 1;
  const [type, length, flags] = [block.unsigned(typeBytes), block.u16(), block.u8()];
  const body = block.skip(headBytes - typeBytes - 3).bytes(length);
  if (KNOWN.has(type) && flags & SHARED) throw unsupported(`${block.what} shares a message with another object`);
  return { type, body };
}

/** The block that a continuation message points to; in the second form it has a signature and a checksum around it. */
function continued(file: FileBytes, body: Uint8Array, headBytes: number, what: string): Cursor {
  if (body.length < 16) throw damaged(`${what} has a continuation that ends early`);
  const place = new Cursor(body, what);
  const [address, byteLength] = [place.u64(), place.u64()];
  if (headBytes === FIRST_HEAD_BYTES) return file.cursor(address, byteLength, what);
  if (byteLength < 8) throw damaged(`${what} has a continuation that ends early`);
  return file.cursor(address, byteLength - 4, what).expect("OCHK");
}
