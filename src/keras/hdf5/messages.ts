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

const [OLD_FILL_VALUE, COMMENT] = [0x04, 0x0d];
/** Kinds that say nothing of use here: no message, fill values, group hints, comments, counts of links. */
const IGNORED: ReadonlySet<number> = new Set([0x00, OLD_FILL_VALUE, 0x05, 0x0a, COMMENT, 0x16]);
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
  const { block: first, headBytes, count } = (isSecond ? secondHeader : firstHeader)(file, address, what);
  const messages: Message[] = [];
  const blocks = [first];
  let found = 0;
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    while (block.left >= headBytes) {
      const { type, body } = nextMessage(block, headBytes);
      if (type === MESSAGE.continuation) blocks.push(continued(file, body, headBytes, what));
      else if (KNOWN.has(type)) messages.push({ type, body });
      else if (!IGNORED.has(type)) throw unsupported(`${what} has a message of the unknown kind ${type}`);
      else checkIgnored(type, body, what);
      found++;
      checkLimit(file.limits, "objects", found, `the number of messages of ${what}`);
    }
  }
  if (found !== (count ?? found)) throw damaged(`${what} has ${found} messages, and says that it has ${count}`);
  if (messages.some(({ type }) => type === MESSAGE.externalFiles)) throw refused(`${what} lies in another file`);
  return messages;
}

/** Whether an object is a group. Throws if it is an array as well. */
export function isGroup(messages: readonly Message[], what: string): boolean {
  const has = (...kinds: readonly number[]) => messages.some(({ type }) => kinds.includes(type));
  const { symbolTable, linkInfo, link, dataspace, datatype, layout, filters } = MESSAGE;
  const isOne = has(symbolTable, linkInfo, link);
  if (isOne && has(dataspace, datatype, layout, filters)) throw damaged(`${what} is a group and an array`);
  return isOne;
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
  /** How many messages there are, if it says so. */
  readonly count?: number;
}

function firstHeader(file: FileBytes, address: number, what: string): Header {
  const head = file.cursor(address, 16, what);
  if (head.u8() !== 1) throw damaged(`${what} has no object header`);
  const count = head.skip(1).u16();
  const byteLength = head.skip(4).u32();
  return { block: file.cursor(address + 16, byteLength, what), headBytes: FIRST_HEAD_BYTES, count };
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
  if (headBytes === FIRST_HEAD_BYTES && length % 8 > 0) throw damaged(`${block.what} has a message of ${length} bytes`);
  if (KNOWN.has(type) && flags & SHARED) throw unsupported(`${block.what} shares a message with another object`);
  return { type, body };
}

/** Throws for an attribute that looks like something of no use, since its kind was changed. */
function checkIgnored(type: number, body: Uint8Array, what: string): void {
  const isText = type !== COMMENT || body.subarray(body.indexOf(0)).every((byte) => byte === 0);
  const fits = type !== OLD_FILL_VALUE || new Cursor(body, what).u32() <= body.length - 4;
  if (!isText || !fits) throw damaged(`${what} has a message that is none of the kind ${type}`);
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
