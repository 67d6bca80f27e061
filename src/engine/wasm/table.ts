// The rows that a kernel walks, and the scalars that it reads, written into linear memory. The layout is that of
// kernel/wasm/step.ts.
import { TABLE } from "../../kernel/wasm/step.js";
import type { DType, Plan } from "../../rule/plan.js";
import type { ScalarValues } from "../../rule/scalars.js";
import type { FloatArray } from "../engine.js";
import { MAX_SCALARS } from "./kernels.js";
import type { LinearMemory } from "./memory/linear-memory.js";
import { LiveView } from "./memory/live-view.js";

/** Bytes of an element. */
export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = { float32: 4, float64: 8 };

/** Bytes of an address or a length. */
const WORD = 4;

/** Rows of one width and type. */
export class Table {
  readonly #memory: LinearMemory;
  #byteLength = 0;
  #words: LiveView<Uint32Array>;
  #numbers: NumberViews;
  #dtype: DType = "float32";
  #read = 0;
  start = 0;
  /** Bytes from a row to the next. */
  stride = 0;
  /** The same in numbers of the table's type. */
  ownStride = 0;
  rows = 0;
  /** Elements of all rows together, each counted once. */
  elements = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#words = new LiveView(memory, Uint32Array, 0, 0);
    this.#numbers = numberViews(memory, 0, 0);
  }

  /** Makes room for so many rows, so that writing them cannot fail. Throws MemoryError. */
  reserve(rows: number, arrays: number): void {
    const needed = rows * TABLE.strideFor(arrays);
    if (needed <= this.#byteLength) return;
    const byteLength = Math.max(needed, 2 * this.#byteLength);
    this.free();
    this.start = this.#memory.allocateFor(this, byteLength);
    this.#byteLength = byteLength;
    this.#words = new LiveView(this.#memory, Uint32Array, this.start, byteLength / WORD);
    this.#numbers = numberViews(this.#memory, this.start, byteLength);
  }

  get end(): number {
    return this.start + this.rows * this.stride;
  }

  /** What stands in the rows' first bytes, `ownStride` numbers apart: their own scalars, or their sums. Until memory grows. */
  get own(): FloatArray {
    return this.#numbers[this.#dtype].now;
  }

  /** Makes `nextOwn` begin with the first row. */
  rewind(): void {
    this.#read = 0;
  }

  /** What stands in the first bytes of the next row. */
  nextOwn(): number {
    return this.own[this.#read++ * this.ownStride] as number; // an index of the list
  }

  /** Empties the table, for rows of so many arrays. */
  begin(dtype: DType, arrays: number): void {
    this.stride = TABLE.strideFor(arrays);
    this.#dtype = dtype;
    this.ownStride = this.stride / BYTES_PER_ELEMENT[dtype];
    this.rows = 0;
    this.elements = 0;
  }

  /** Appends a row, of so many elements of each array from `start` on. */
  row(length: number, arrays: readonly number[], start = 0): void {
    const words = this.#words.now;
    const at = (this.rows++ * this.stride) / WORD;
    words[at] = 0; // its own scalar
    words[at + 1] = 0;
    const bytes = BYTES_PER_ELEMENT[this.#dtype];
    words[at + TABLE.byteLengthAt / WORD] = length * bytes;
    const from = start * bytes;
    // The index is one of the list.
    for (let i = 0; i < arrays.length; i++) words[at + TABLE.addressesAt / WORD + i] = (arrays[i] as number) + from;
    this.elements += length;
  }

  /** Gives its memory back; it may be filled again. */
  free(): void {
    if (this.#byteLength > 0) this.#memory.freeFor(this, this.start, this.#byteLength);
    this.#byteLength = 0;
    this.rows = 0;
  }
}

/** The scalars of a step. */
export class ScalarTable {
  readonly start: number;
  readonly #numbers: NumberViews;

  constructor(memory: LinearMemory) {
    const byteLength = MAX_SCALARS * TABLE.scalarStride;
    this.start = memory.allocate(byteLength);
    this.#numbers = numberViews(memory, this.start, byteLength);
  }

  write(plan: Plan, values: ScalarValues): void {
    const view = this.#numbers[plan.dtype].now;
    const step = TABLE.scalarStride / BYTES_PER_ELEMENT[plan.dtype];
    for (let i = 0; i < plan.scalars.length; i++) {
      const index = values.indexOf(plan.scalars[i] ?? "");
      // Looking beyond an array once makes every later look slower. The finite check has no scalars.
      if (index >= 0) view[i * step] = values.numbers[index] as number;
    }
  }
}

/** The same bytes as numbers of each type. */
type NumberViews = Readonly<Record<DType, LiveView<FloatArray>>>;

function numberViews(memory: LinearMemory, start: number, byteLength: number): NumberViews {
  return {
    float32: new LiveView(memory, Float32Array, start, byteLength / BYTES_PER_ELEMENT.float32),
    float64: new LiveView(memory, Float64Array, start, byteLength / BYTES_PER_ELEMENT.float64),
  };
}
