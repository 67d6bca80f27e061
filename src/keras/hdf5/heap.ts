// Texts of any length: an HDF5 file keeps them in collections, which attributes point to.
import { textOf } from "../cursor.js";
import { damaged } from "../errors.js";
import type { FileBytes } from "./bytes.js";

const HEAD_BYTES = 16;

export class TextHeap {
  readonly #file: FileBytes;
  readonly #collections = new Map<number, Map<number, Uint8Array>>();

  constructor(file: FileBytes) {
    this.#file = file;
  }

  /** The text of that index in the collection at that address. */
  text(address: number, index: number, length: number, what: string): string {
    const collection = this.#collections.get(address) ?? this.#read(address, what);
    this.#collections.set(address, collection);
    const bytes = collection.get(index);
    if (bytes?.length !== length) throw damaged(`${what} has no value`);
    collection.delete(index); // two attributes have no text in common
    return textOf(bytes, what);
  }

  #read(address: number, what: string): Map<number, Uint8Array> {
    const head = this.#file.cursor(address, HEAD_BYTES, what).expect("GCOL").skip(4);
    const objects = this.#file.cursor(address + HEAD_BYTES, head.u64() - HEAD_BYTES, what);
    const found = new Map<number, Uint8Array>();
    while (objects.left >= HEAD_BYTES) {
      const index = objects.u16();
      const length = objects.skip(6).u64();
      if (index === 0) break; // what is free comes last
      found.set(index, objects.bytes(length));
      objects.skip(Math.min(objects.left, (8 - (length % 8)) % 8));
    }
    return found;
  }
}
