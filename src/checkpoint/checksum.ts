// The checksum of a checkpoint: over the numbers of its arrays, their names, types and shapes, and what it says of the run. The
// user's own texts are left out, so that other programs may add to them, and so is the order of all: writers have their own.
//
// Fletcher's sums over 32-bit words, modulo 2^32: a word that changes is always seen, and so, but for rare sums, are words that change places.

import { bytesOf, type Tensors } from "./safetensors.js";

/** As 16 hexadecimal digits. `ours` says which texts count. */
export function checksumOf({ metadata, tensors }: Tensors, ours: (key: string) => boolean): string {
  const total: Sums = [0, 0];
  for (const [key, text] of Object.entries(metadata)) {
    if (ours(key)) include(total, sumsOf(utf8(key)), sumsOf(utf8(text)));
  }
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    include(total, sumsOf(utf8(`${name} ${dtype} ${shape}`)), sumsOf(bytesOf(tensor)));
  }
  return total.map((sum) => (sum >>> 0).toString(16).padStart(8, "0")).join("");
}

type Sums = [plain: number, weighted: number];

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The same whatever the order, and another one when two arrays exchange their names. */
function include(total: Sums, [name, weightedName]: Sums, [plain, weighted]: Sums): void {
  total[0] = (total[0] + mixed(plain ^ mixed(weightedName))) | 0;
  total[1] = (total[1] + mixed(weighted ^ mixed(name))) | 0;
}

/** One to one, and so far from linear that differences do not cancel in a sum: the finalizer of MurmurHash3. */
function mixed(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

/** Of an array, or of a text. */
function sumsOf(bytes: Uint8Array): Sums {
  const words = wordsOf(bytes);
  const whole = words.length & ~3;
  let plain = bytes.byteLength | 0;
  let weighted = 0;
  // Four at a time, which is half as fast again.
  for (let i = 0; i < whole; i += 4) {
    plain = (plain + at(words, i)) | 0;
    weighted = (weighted + plain) | 0;
    plain = (plain + at(words, i + 1)) | 0;
    weighted = (weighted + plain) | 0;
    plain = (plain + at(words, i + 2)) | 0;
    weighted = (weighted + plain) | 0;
    plain = (plain + at(words, i + 3)) | 0;
    weighted = (weighted + plain) | 0;
  }
  for (let i = whole; i < words.length; i++) {
    plain = (plain + at(words, i)) | 0;
    weighted = (weighted + plain) | 0;
  }
  return [plain, weighted];
}

/** Texts of other lengths end in zeros; the sums begin with the length. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteLength % 4 === 0) return new Int32Array(buffer, byteOffset, byteLength / 4);
  const padded = new Uint8Array(Math.ceil(byteLength / 4) * 4);
  padded.set(bytes);
  return wordsOf(padded);
}

const at = (words: Int32Array, i: number): number => words[i] as number; // within its length
