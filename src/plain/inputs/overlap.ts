// Gradients that lie in the memory of a variable or a slot. A step reads all gradients as they were before it, so these must
// be copied first.
import { bufferOf, placeOf } from "../../check/built-ins.js";
import type { RunState } from "../../core/run/run-state.js";
import type { HostArray, HostEngine, Storage } from "../../engine/engine.js";
import { HalfStorage } from "../../engine/half-storage.js";

interface Range {
  /** The index of the variable that lies here; -1 for a slot. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** All memory that a step of an optimizer may write. */
export class Overlap {
  // In the order of their addresses; none overlaps another.
  readonly #byMemory = new Map<object, Range[]>();
  /** One storage of each memory of another engine, which this one does not pin. */
  readonly #foreign: Storage[] = [];

  constructor(engine: HostEngine, run: RunState<HostArray>) {
    for (const [index, { array }] of run.targets.entries()) this.#add(engine, array, index);
    for (const { array } of run.slots()) this.#add(engine, array, -1);
    for (const ranges of this.#byMemory.values()) ranges.sort((a, b) => a.start - b.start);
  }

  /** Whether a gradient shares memory with a variable or a slot in a way that the step would notice. */
  disturbs(gradient: HostArray, index: number): boolean {
    const ranges = this.#byMemory.get(this.#storageOf(gradient));
    if (ranges === undefined) return false;
    const { start, end } = rangeOf(gradient);
    for (let i = firstBeyond(ranges, start); i < ranges.length; i++) {
      const range = ranges[i] as Range; // an index of the list
      if (range.start >= end) return false;
      // The same elements of the same variable are read before they are written.
      const isSame = range.index === index && range.start === start && !(gradient instanceof HalfStorage);
      if (!isSame) return true;
    }
    return false;
  }

  #add(engine: HostEngine, array: HostArray, index: number): void {
    const { start, end } = rangeOf(array);
    if (start === end) return;
    const memory = this.#storageOf(array);
    const known = this.#byMemory.get(memory);
    if (known !== undefined) {
      known.push({ index, start, end });
      return;
    }
    this.#byMemory.set(memory, [{ index, start, end }]);
    const isForeign = !ArrayBuffer.isView(array) && memory !== array.view.buffer && engine.pin(array.view) === null;
    if (isForeign) this.#foreign.push(array);
  }

  #storageOf(array: HostArray): object {
    const isOfUser = array instanceof HalfStorage || ArrayBuffer.isView(array);
    if (!isOfUser) return array.memory;
    const buffer = array instanceof HalfStorage ? array.memory : bufferOf(array);
    return this.#foreign.find((storage) => storage.owns(buffer))?.memory ?? buffer;
  }
}

function rangeOf(array: HostArray): { readonly start: number; readonly end: number } {
  if (array instanceof HalfStorage) return placeOf(array.data);
  if (ArrayBuffer.isView(array)) return placeOf(array);
  return { start: array.address, end: array.address + array.view.byteLength };
}

/** The index of the first range that ends after `start`. */
function firstBeyond(ranges: readonly Range[], start: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { end } = ranges[middle] as Range; // an index of the list
    if (end > start) high = middle;
    else low = middle + 1;
  }
  return low;
}
