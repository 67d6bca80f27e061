// Stretches of bytes that belong to one structure each: whoever reads one claims it. So nothing is read in circles, or over
// and over, and what is written into an array changes nothing else.
import { damaged, refused } from "./errors.js";
import { type ResolvedLimits, Tally } from "./limits.js";

/** Counts the stretches of a whole file. */
export const piecesOf = (limits: ResolvedLimits): Tally =>
  new Tally(limits, "pieces", "the number of headers, nodes, names and stretches of data");

export class Claims {
  readonly #byteLength: number;
  readonly #pieces: Tally;
  readonly #ends = new Map<number, number>();
  #claimed = 0;

  constructor(byteLength: number, pieces: Tally) {
    this.#byteLength = byteLength;
    this.#pieces = pieces;
  }

  /** For whoever comes first. */
  add(start: number, byteLength: number, what: string): void {
    if (!(byteLength >= 0 && start + byteLength <= this.#byteLength)) {
      throw damaged(`${what} lies beyond the end of the file, which is cut off or damaged`);
    }
    this.#pieces.add(1);
    this.#claimed += byteLength;
    if (this.#claimed > this.#byteLength || this.#ends.has(start)) throw overlapping(what);
    if (byteLength > 0) this.#ends.set(start, start + byteLength);
  }

  /** Throws if two of the claims share a byte. */
  check(): void {
    let end = 0;
    for (const start of Float64Array.from(this.#ends.keys()).sort()) {
      if (start < end) throw overlapping(`what lies at byte ${start}`);
      end = this.#ends.get(start) ?? end;
    }
  }
}

const overlapping = (what: string): Error => refused(`structures of the file overlap: ${what} and another`);
