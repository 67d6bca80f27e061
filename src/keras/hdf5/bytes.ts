// The bytes of an HDF5 file, each part of one structure at most.
import { Claims, piecesOf } from "../claims.js";
import { Cursor } from "../cursor.js";
import { type ResolvedLimits, Tally, Unpacking } from "../limits.js";

/** The address that means none, as `Cursor.u64` reads it. */
export const NOWHERE: number = Number.POSITIVE_INFINITY;

/** For how many entries the nodes of a file have room, unless its head says otherwise. */
interface NodeSizes {
  /** Of the trees of a group, and of an array's chunks, by their kind. */
  readonly trees: readonly [members: number, chunks: number];
  /** Of the tables of symbols that the trees of groups lead to. */
  readonly symbols: number;
}

export class FileBytes {
  readonly bytes: Uint8Array;
  readonly limits: ResolvedLimits;
  /** What unpacks in this file, and to how much: small things may be many. */
  readonly unpacking: Unpacking;
  /** Counts what the file is made of. */
  readonly pieces: Tally;
  readonly objects: Tally;
  readonly names: Tally;
  nodeSizes: NodeSizes = { trees: [32, 64], symbols: 8 };
  readonly #claims: Claims;

  constructor(bytes: Uint8Array, limits: ResolvedLimits) {
    this.bytes = bytes;
    this.limits = limits;
    this.unpacking = new Unpacking(limits);
    this.pieces = piecesOf(limits);
    this.objects = new Tally(limits, "objects", "the number of groups, arrays and chunks");
    this.names = new Tally(limits, "nameLength", "the length of all paths");
    this.#claims = new Claims(bytes.length, this.pieces);
  }

  /** These bytes, for whoever comes first; a view, not a copy. */
  claim(address: number, byteLength: number, what: string): Uint8Array {
    this.#claims.add(address, byteLength, what);
    return this.bytes.subarray(address, address + byteLength);
  }

  /** Throws if two of the claims share a byte. */
  checkClaims(): void {
    this.#claims.check();
  }

  /** A cursor over bytes that were claimed. */
  cursor(address: number, byteLength: number, what: string): Cursor {
    return new Cursor(this.claim(address, byteLength, what), what);
  }
}
