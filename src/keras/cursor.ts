// Little-endian numbers read in order from a stretch of bytes, never past its end.
import { damaged } from "./errors.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Text of these bytes; damaged if they are no UTF-8. */
export function textOf(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw damaged(`${what} is no UTF-8 text`);
  }
}

/** A place in bytes that moves on with each read. `what` is how errors call them. */
export class Cursor {
  readonly what: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.what = what;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#pass(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#pass(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#pass(4), true);
  }

  /** An address or a length. Above 2^53, as the address that means none, it is Infinity. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#pass(8), true);
    return value > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : Number(value);
  }

  /** A number of 1, 2, 4 or 8 bytes. */
  unsigned(byteLength: number): number {
    const read = { 1: this.u8, 2: this.u16, 4: this.u32, 8: this.u64 }[byteLength];
    if (read === undefined) throw damaged(`${this.what} has a number of ${byteLength} bytes`);
    return read.call(this);
  }

  bytes(length: number): Uint8Array {
    const start = this.#pass(length);
    return this.#bytes.subarray(start, start + length);
  }

  skip(length: number): this {
    this.#pass(length);
    return this;
  }

  /** Throws unless these characters come next. */
  expect(signature: string): this {
    const found = String.fromCharCode(...this.bytes(signature.length));
    if (found === signature) return this;
    throw damaged(`${this.what} does not begin with ${JSON.stringify(signature)}`);
  }

  #pass(length: number): number {
    const start = this.#at;
    if (!(length <= this.left)) throw damaged(`${this.what} ends early: the file is cut off or damaged`);
    this.#at += length;
    return start;
  }
}
