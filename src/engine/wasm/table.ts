// The rows that a kernel walks, written into linear memory. The layout is that of codegen/wasm.ts.
import { TABLE } from "../../codegen/wasm.js";
import type { DType, Plan } from "../../rule/plan.js";
import type { CoreArray } from "../engine.js";
import type { Arena } from "./arena.js";
import { ArenaStorage } from "./storage.js";

const BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8 };

/** Where an array lies in this memory, or -1 when it lies elsewhere. */
export function addressOf(arena: Arena, array: CoreArray): number {
  if (array instanceof ArenaStorage) return array.arena === arena ? array.address : -1;
  if (!ArrayBuffer.isView(array)) return -1;
  return array.buffer === arena.buffer ? array.byteOffset : -1;
}

export class Table {
  readonly #arena: Arena;
  #start = 0;
  #byteLength = 0;
  #end = 0;
  #words: DataView<ArrayBuffer>;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#words = new DataView(arena.buffer);
  }

  /** Makes room for so many rows, so that writing them cannot fail. Throws MemoryError. */
  reserve(rows: number, plan: Plan): void {
    const needed = rows * TABLE.strideOf(plan);
    if (needed > this.#byteLength) this.#replace(Math.max(needed, 2 * this.#byteLength));
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  clear(): void {
    if (this.#words.buffer !== this.#arena.buffer) this.#words = new DataView(this.#arena.buffer);
    this.#end = this.#start;
  }

  /** Appends a row. Its addresses follow by `address`. */
  row(plan: Plan, length: number, own: number): void {
    const words = this.#words;
    const at = this.#end;
    if (plan.dtype === "float32") words.setFloat32(at, own, true);
    else words.setFloat64(at, own, true);
    words.setUint32(at + TABLE.byteLengthAt, length * BYTES[plan.dtype], true);
    this.#end = at + TABLE.strideOf(plan);
  }

  /** Sets the address of the last row's array `index`. */
  address(plan: Plan, index: number, address: number): void {
    this.#words.setUint32(this.#end - TABLE.strideOf(plan) + TABLE.addressesAt + 4 * index, address, true);
  }

  #replace(byteLength: number): void {
    const start = this.#arena.allocate(byteLength);
    if (this.#byteLength > 0) this.#arena.free(this.#start, this.#byteLength);
    [this.#start, this.#end, this.#byteLength] = [start, start, byteLength];
  }
}

/** The scalars of a step, written where the kernels of one call read them. */
export class ScalarBlock {
  readonly #arena: Arena;
  readonly start: number;
  #words: DataView<ArrayBuffer>;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.start = arena.allocate(MAX_SCALARS * TABLE.scalarStride);
    this.#words = new DataView(arena.buffer);
  }

  write(plan: Plan, values: Readonly<Record<string, number>>): void {
    if (this.#words.buffer !== this.#arena.buffer) this.#words = new DataView(this.#arena.buffer);
    for (let i = 0; i < plan.scalars.length; i++) {
      const value = values[plan.scalars[i] ?? ""] ?? Number.NaN;
      const at = this.start + i * TABLE.scalarStride;
      if (plan.dtype === "float32") this.#words.setFloat32(at, value, true);
      else this.#words.setFloat64(at, value, true);
    }
  }
}

const MAX_SCALARS = 64;
