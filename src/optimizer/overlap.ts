// Gradients that lie in the memory of a variable. A step reads all gradients as they were before it, so these must be
// copied first.
import type { CoreArray, FloatArray, Storage } from "../engine/engine.js";
import type { Target } from "./trainer.js";

interface Range {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** The memory of an optimizer's variables. */
export class Overlap {
  readonly #byStorage = new Map<CoreArray, number>();
  readonly #byBuffer = new Map<ArrayBufferLike, Range[]>();
  // Engine memory that has grown has another buffer; the offsets are the same.
  readonly #firstBuffer: ArrayBufferLike | null;
  readonly #first: Storage | null;

  constructor(targets: readonly Target<CoreArray>[]) {
    targets.forEach(({ array }, index) => {
      this.#byStorage.set(array, index);
      const { buffer, byteOffset: start, byteLength } = viewOf(array);
      const ranges = this.#byBuffer.get(buffer) ?? [];
      this.#byBuffer.set(buffer, ranges);
      ranges.push({ index, start, end: start + byteLength });
    });
    const first = targets.map(({ array }) => array).find((array) => !ArrayBuffer.isView(array));
    this.#first = first === undefined || ArrayBuffer.isView(first) ? null : first;
    this.#firstBuffer = this.#first?.view.buffer ?? null;
  }

  /** Whether a gradient shares memory with a variable in a way that the step would notice. */
  disturbs(gradient: CoreArray, index: number): boolean {
    const known = this.#byStorage.get(gradient);
    if (known !== undefined) return known !== index;
    if (!ArrayBuffer.isView(gradient) && !gradient.borrowed) return false;
    const { buffer, byteOffset: start, byteLength } = viewOf(gradient);
    const ranges = this.#byBuffer.get(this.#bufferAtFirst(buffer));
    if (ranges === undefined) return false;
    const end = start + byteLength;
    // The same elements of the same variable are read before they are written.
    return ranges.some(
      (range) => range.start < end && start < range.end && !(range.index === index && range.start === start),
    );
  }

  #bufferAtFirst(buffer: ArrayBufferLike): ArrayBufferLike {
    return this.#firstBuffer !== null && this.#first?.view.buffer === buffer ? this.#firstBuffer : buffer;
  }
}

function viewOf(array: CoreArray): FloatArray {
  return ArrayBuffer.isView(array) ? array : array.view;
}
