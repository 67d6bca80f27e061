// The bytes of an HDF5 file. Each is part of one structure at most: whoever reads a stretch claims it, and the claims
// together cannot be longer than the file. So nothing is read in circles, or over and over.
import { Cursor } from "../cursor.js";
import { damaged, refused } from "../errors.js";
import type { ResolvedLimits } from "../limits.js";
import type { Fflate } from "../packages.js";

/** The address that means none, as `Cursor.u64` reads it. */
export const NOWHERE: number = Number.POSITIVE_INFINITY;

export class FileBytes {
  readonly bytes: Uint8Array;
  readonly limits: ResolvedLimits;
  /** Unpacks packed chunks; without it they are refused. */
  readonly fflate: Fflate | null;
  #claimed = 0;

  constructor(bytes: Uint8Array, limits: ResolvedLimits, fflate: Fflate | null) {
    this.bytes = bytes;
    this.limits = limits;
    this.fflate = fflate;
  }

  /** These bytes, for whoever comes first; a view, not a copy. */
  claim(address: number, byteLength: number, what: string): Uint8Array {
    if (!(byteLength >= 0 && address + byteLength <= this.bytes.length)) {
      throw damaged(`${what} lies beyond the end of the file, which is cut off or damaged`);
    }
    this.#claimed += byteLength;
    if (this.#claimed > this.bytes.length) throw refused("structures of the HDF5 file overlap");
    return this.bytes.subarray(address, address + byteLength);
  }

  /** A cursor over bytes that were claimed. */
  cursor(address: number, byteLength: number, what: string): Cursor {
    return new Cursor(this.claim(address, byteLength, what), what);
  }
}
