// The bytes of an HDF5 file. Each is part of one structure at most: whoever reads a stretch claims it. So nothing is read in
// circles, or over and over, and what is written into an array changes nothing else.
import { Cursor } from "../cursor.js";
import { damaged, refused } from "../errors.js";
import { type ResolvedLimits, Unpacking } from "../limits.js";
import type { Fflate } from "../packages.js";

/** The address that means none, as `Cursor.u64` reads it. */
export const NOWHERE: number = Number.POSITIVE_INFINITY;

export class FileBytes {
  readonly bytes: Uint8Array;
  readonly limits: ResolvedLimits;
  /** Unpacks packed chunks; without it they are refused. */
  readonly fflate: Fflate | null;
  /** What unpacks in this file, and to how much: small things may be many. */
  readonly unpacking: Unpacking;
  #claimed = 0;
  readonly #ends = new Map<number, number>();

  constructor(bytes: Uint8Array, limits: ResolvedLimits, fflate: Fflate | null) {
    this.bytes = bytes;
    this.limits = limits;
    this.fflate = fflate;
    this.unpacking = new Unpacking(limits);
  }

  /** These bytes, for whoever comes first; a view, not a copy. */
  claim(address: number, byteLength: number, what: string): Uint8Array {
    if (!(byteLength >= 0 && address + byteLength <= this.bytes.length)) {
      throw damaged(`${what} lies beyond the end of the file, which is cut off or damaged`);
    }
    this.#claimed += byteLength;
    if (this.#claimed > this.bytes.length || this.#ends.has(address)) throw overlapping(what);
    if (byteLength > 0) this.#ends.set(address, address + byteLength);
    return this.bytes.subarray(address, address + byteLength);
  }

  /** Throws if two of the claims share a byte. */
  checkClaims(): void {
    let end = 0;
    for (const [start, next] of [...this.#ends].sort(([a], [b]) => a - b)) {
      if (start < end) throw overlapping(`what lies at byte ${start}`);
      end = next;
    }
  }

  /** A cursor over bytes that were claimed. */
  cursor(address: number, byteLength: number, what: string): Cursor {
    return new Cursor(this.claim(address, byteLength, what), what);
  }
}

const overlapping = (what: string): Error => refused(`structures of the HDF5 file overlap: ${what} and another`);
