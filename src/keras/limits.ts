// How much a file may ask for. All of it is checked before memory is taken.

import { Argument } from "../check/argument.js";
import type { Resolved } from "../check/option-table.js";
import { KerasFileError, READ_KERAS } from "./errors.js";

/** Ceilings for what one file may make `readKeras` do. */
export interface FileLimits {
  /** Bytes of all members of a zip after unpacking, and again of all arrays. Default 2 GiB. */
  readonly totalByteLength?: number | undefined;
  /** How many times its stored size anything compressed may have. Default 20. */
  readonly expansion?: number | undefined;
  /** Anything compressed may have this many bytes, whatever its expansion. Default 16 MiB. */
  readonly freeByteLength?: number | undefined;
  /** Bytes of one chunk of an array after unpacking. Default 64 MiB. */
  readonly chunkByteLength?: number | undefined;
  /** Members of a zip, and again groups, arrays and chunks of an HDF5 file. Default 100,000. */
  readonly objects?: number | undefined;
  /** Headers, nodes, names and stretches of data that a zip, and again an HDF5 file, is made of. Default 1,048,576. */
  readonly pieces?: number | undefined;
  /** How deep groups, and JSON, may be nested. Default 64. */
  readonly depth?: number | undefined;
  /** Bytes of a JSON member, and again of all attributes of an HDF5 file. Default 32 MiB. */
  readonly jsonByteLength?: number | undefined;
  /** Values of a JSON member, lists and objects included. Default 1,048,576. */
  readonly jsonValues?: number | undefined;
  /** Layers of a model's config, those within others included. Default 100,000. */
  readonly layers?: number | undefined;
  /** Characters of all paths of an HDF5 file, again of all paths and names of layers, and again of those of weights. Default 16 Mi. */
  readonly nameLength?: number | undefined;
}

export type ResolvedLimits = Resolved<FileLimits>;

export const DEFAULT_LIMITS: ResolvedLimits = {
  totalByteLength: 2 ** 31,
  expansion: 20,
  freeByteLength: 2 ** 24,
  chunkByteLength: 2 ** 26,
  objects: 100_000,
  pieces: 2 ** 20,
  depth: 64,
  jsonByteLength: 2 ** 25,
  jsonValues: 2 ** 20,
  layers: 100_000,
  nameLength: 2 ** 24,
};
// A path of this many groups still fits the stack of every engine.
const MOST_DEPTH = 500;

/** The given limits and the defaults of all others. */
export function resolveLimits(limits: FileLimits = {}): ResolvedLimits {
  const all = Object.entries(new Argument(READ_KERAS, "limits").keys(limits, Object.keys(DEFAULT_LIMITS)));
  const given = all.filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const max = name === "depth" ? { max: MOST_DEPTH } : {};
    new Argument(READ_KERAS, `limits.${name}`).number(value, { min: 1, ...max });
  }
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) };
}

/** Throws if `amount` is above the limit of that name. */
export function checkLimit(limits: ResolvedLimits, name: keyof ResolvedLimits, amount: number, what: string): void {
  if (amount <= limits[name]) return;
  const remedy = `Raise limits.${name} if you trust the file.`;
  throw new KerasFileError("limit", `${what} goes over limits.${name}=${limits[name]} with ${amount}. ${remedy}`);
}

/** What all that is packed in a file takes, and what it says that it unpacks to. */
export class Unpacking {
  readonly #limits: ResolvedLimits;
  #stored = 0;
  #unpacked = 0;

  constructor(limits: ResolvedLimits) {
    this.#limits = limits;
  }

  /** Adds something of `stored` bytes; throws if that, or all together, unpacks to too many. */
  add(stored: number, unpacked: number, what: string): void {
    checkExpansion(this.#limits, stored, unpacked, what);
    this.#stored += stored;
    this.#unpacked += unpacked;
    checkExpansion(this.#limits, this.#stored, this.#unpacked, `${what} and all before it`);
  }
}

/** Counts something of a file as it is made. */
export class Tally {
  readonly #limits: ResolvedLimits;
  readonly #name: keyof ResolvedLimits;
  readonly #what: string;
  #amount = 0;

  constructor(limits: ResolvedLimits, name: keyof ResolvedLimits, what: string) {
    this.#limits = limits;
    this.#name = name;
    this.#what = what;
  }

  /** Throws if there are too many then. */
  add(amount: number): void {
    this.#amount += amount;
    checkLimit(this.#limits, this.#name, this.#amount, this.#what);
  }
}

/** Throws if something of `stored` bytes says that it unpacks to too many. */
function checkExpansion(limits: ResolvedLimits, stored: number, unpacked: number, what: string): void {
  checkLimit(limits, "totalByteLength", unpacked, what);
  if (unpacked <= limits.freeByteLength) return;
  checkLimit(limits, "expansion", unpacked / Math.max(stored, 1), `${what}, unpacked to ${unpacked} bytes,`);
}
