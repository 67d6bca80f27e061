// A zip of members that are stored as they are. It says nothing of the time: same members, same bytes.
import { refused } from "../errors.js";
import { crc32 } from "./crc32.js";

const [LOCAL, DIRECTORY, END] = [0x04034b50, 0x02014b50, 0x06054b50];
/** Of a member, of its entry in the directory, and of the end, without names. */
const [LOCAL_BYTES, ENTRY_BYTES, END_BYTES] = [30, 46, 22];
/** What a program has to know to unpack it: version 2.0 of the format. */
const VERSION = 20;
/** Names are UTF-8. */
const UTF8 = 0x800;
/** The first day that a zip can name, in 1980. */
const DATE = 0x21;
const [MOST_BYTES, MOST_MEMBERS] = [0xffffffff, 0xffff];

/** Throws KerasFileError for more than a zip without extensions can hold. */
export function writeZip(members: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const named = [...members].map(([name, bytes]) => ({ name: new TextEncoder().encode(name), bytes }));
  const total = named.reduce(
    (sum, { name, bytes }) => sum + LOCAL_BYTES + ENTRY_BYTES + 2 * name.length + bytes.length,
    END_BYTES,
  );
  if (total > MOST_BYTES || named.length > MOST_MEMBERS) throw refused("a zip cannot hold 4 GB or 65,536 members");
  const zip = new Writer(total);
  const entries = named.map(({ name, bytes }) => {
    const offset = zip.at;
    const facts = [UTF8, 0, 0, DATE].map((value) => [value, 2] as const);
    const sizes = [crc32(bytes), bytes.length, bytes.length].map((value) => [value, 4] as const);
    const common = [[VERSION, 2], ...facts, ...sizes, [name.length, 2], [0, 2]] as const;
    zip
      .numbers([[LOCAL, 4], ...common])
      .bytes(name)
      .bytes(bytes);
    return { name, offset, common };
  });
  const start = zip.at;
  for (const { name, offset, common } of entries) {
    // No comment, on the first disk, with no attributes.
    zip.numbers([[DIRECTORY, 4], [VERSION, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]]).bytes(name);
  }
  const count = [entries.length, 2] as const;
  return zip.numbers([[END, 4], [0, 2], [0, 2], count, count, [zip.at - start, 4], [start, 4], [0, 2]]).whole;
}

/** Bytes, written from the first to the last. */
class Writer {
  readonly whole: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  at = 0;

  constructor(byteLength: number) {
    this.whole = new Uint8Array(byteLength);
    this.#view = new DataView(this.whole.buffer);
  }

  /** Whole numbers of two or four bytes. */
  numbers(items: readonly (readonly [value: number, byteLength: number])[]): this {
    for (const [value, byteLength] of items) {
      if (byteLength === 2) this.#view.setUint16(this.at, value, true);
      else this.#view.setUint32(this.at, value, true);
      this.at += byteLength;
    }
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.whole.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }
}
