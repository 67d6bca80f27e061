// The rows that a kernel walks, and the scalars that it reads, written into linear memory. The layout is that of
// codegen/wasm.ts.
import { TABLE } from "../../codegen/wasm.js";
import type { DType, Plan } from "../../rule/plan.js";
import type { ScalarValues } from "../../rule/scalars.js";
import { MAX_SCALARS } from "./kernels.js";
import type { LinearMemory } from "./memory.js";

/** Bytes of an element. */
export const BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8 };

/** Rows of one width and type. */
export class Table {
  readonly #memory: LinearMemory;
  #start = 0;
  #byteLength = 0;
  #words: DataView;
  #dtype: DType = "float32";
  /** Bytes from a row to the next. */
  stride = 0;
  rows = 0;
  /** Elements of all rows together, each counted once. */
  elements = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#words = new DataView(memory.buffer);
  }

  /** Makes room for so many rows, so that writing them cannot fail. Throws MemoryError. */
  reserve(rows: number, arrays: number): void {
    const needed = rows * TABLE.strideFor(arrays);
    if (needed <= this.#byteLength) return;
    const byteLength = Math.max(needed, 2 * this.#byteLength);
    this.free();
    const start = this.#memory.allocateFor(this, byteLength);
    [this.#start, this.#byteLength] = [start, byteLength];
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#start + this.rows * this.stride;
  }

  /** Empties the table, for rows of so many arrays. */
  begin(dtype: DType, arrays: number): void {
    if (this.#words.buffer !== this.#memory.buffer) this.#words = new DataView(this.#memory.buffer);
    this.#dtype = dtype;
    this.stride = TABLE.strideFor(arrays);
    this.rows = 0;
    this.elements = 0;
  }

  /** Appends a row. Its addresses follow by `address`. */
  row(length: number, own = 0): void {
    const at = this.end;
    this.setOwn(this.rows, own);
    this.#words.setUint32(at + TABLE.byteLengthAt, length * BYTES[this.#dtype], true);
    this.rows++;
    this.elements += length;
  }

  /** Sets the address of the last row's array `index`. */
  address(index: number, address: number): void {
    this.#words.setUint32(this.end - this.stride + TABLE.addressesAt + 4 * index, address, true);
  }

  /** Replaces a row's own scalar. */
  setOwn(row: number, own: number): void {
    if (this.#words.buffer !== this.#memory.buffer) this.#words = new DataView(this.#memory.buffer);
    const at = this.#start + row * this.stride;
    if (this.#dtype === "float32") this.#words.setFloat32(at, own, true);
    else this.#words.setFloat64(at, own, true);
  }

  /** Gives its memory back; it may be filled again. */
  free(): void {
    if (this.#byteLength > 0) this.#memory.freeFor(this, this.#start, this.#byteLength);
    this.#byteLength = 0;
    this.rows = 0;
  }

  /** The number that stands in a row's first bytes: its own scalar, or its sum. */
  own(row: number): number {
    const at = this.#start + row * this.stride;
    return this.#dtype === "float32" ? this.#words.getFloat32(at, true) : this.#words.getFloat64(at, true);
  }

  /** Stores that number in `into[at]`: as a result it might become an object. */
  storeOwn(row: number, into: Float64Array, at: number): void {
    const address = this.#start + row * this.stride;
    into[at] =
      this.#dtype === "float32" ? this.#words.getFloat32(address, true) : this.#words.getFloat64(address, true);
  }
}

/** The scalars of a step. */
export class ScalarBlock {
  readonly #memory: LinearMemory;
  readonly start: number;
  #views: Readonly<Record<DType, Float32Array | Float64Array>>;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.start = memory.allocate(MAX_SCALARS * TABLE.scalarStride);
    this.#views = this.#createViews();
  }

  /** Through typed arrays: a number that a method of DataView is given may become an object. */
  write(plan: Plan, values: ScalarValues): void {
    if (this.#views.float32.buffer !== this.#memory.buffer) this.#views = this.#createViews();
    const view = this.#views[plan.dtype];
    const step = TABLE.scalarStride / BYTES[plan.dtype];
    for (let i = 0; i < plan.scalars.length; i++) {
      const index = values.indexOf(plan.scalars[i] ?? "");
      // Looking beyond an array once makes every later look slower. The finite check has no scalars.
      if (index >= 0) view[i * step] = values.numbers[index] as number;
    }
  }

  #createViews(): Readonly<Record<DType, Float32Array | Float64Array>> {
    const buffer = this.#memory.buffer as ArrayBuffer; // their constructors' types have one overload for both kinds less
    const byteLength = MAX_SCALARS * TABLE.scalarStride;
    return {
      float32: new Float32Array(buffer, this.start, byteLength / BYTES.float32),
      float64: new Float64Array(buffer, this.start, byteLength / BYTES.float64),
    };
  }
}
