// Arrays outside linear memory: copied block by block into it, computed on there, and copied back.
import { pairwiseOfBlocks } from "../../rule/pairwise.js";
import type { DType, Plan } from "../../rule/plan.js";
import { ROUND } from "../../rule/scalars.js";
import { viewOf } from "../arrays.js";
import type { CoreArray, FloatArray, Row } from "../engine.js";
import type { Arena } from "./arena.js";
import { ArenaStorage } from "./storage.js";
import { addressOf, Table } from "./table.js";

/** Elements in a block: a multiple of the 128 of a pairwise sum, small enough for the first cache. */
const BLOCK = 4096;

export class Staging {
  readonly #arena: Arena;
  readonly #table: Table;
  readonly #blocks: Record<DType, ArenaStorage[]> = { float32: [], float64: [] };

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#table = new Table(arena);
  }

  /** Makes room for rows of this plan. Throws MemoryError. */
  reserve(plan: Plan): void {
    const blocks = this.#blocks[plan.dtype];
    // The gap keeps blocks from starting at the same offset modulo 4 KiB.
    while (blocks.length < plan.arrays.length) blocks.push(new ArenaStorage(this.#arena, plan.dtype, BLOCK + 64));
    this.#table.reserve(1, plan);
  }

  /** One row, whatever lies where. `kernel` runs over a table. */
  run(row: Row<CoreArray>, own: number, kernel: (table: number, tableEnd: number) => void): void {
    const length = viewOf(row.arrays[0] ?? new Float32Array()).length;
    for (let start = 0; start < length; start += BLOCK) {
      const count = Math.min(BLOCK, length - start);
      this.#table.clear();
      this.#table.row(row.plan, count, own);
      for (let i = 0; i < row.arrays.length; i++) this.#table.address(row.plan, i, this.#enter(row, i, start, count));
      kernel(this.#table.start, this.#table.end);
      for (let i = 0; i < row.arrays.length; i++) this.#leave(row, i, start, count);
    }
  }

  /** The pairwise sum over arrays of which some lie elsewhere: the same tree, cut where a block begins. */
  sum(
    plan: Plan,
    sources: readonly CoreArray[],
    kernel: (addresses: readonly number[], count: number) => number,
  ): number {
    const sumOfBlock = (start: number, count: number): number =>
      kernel(
        sources.map((source, i) => this.#addressIn(plan.dtype, source, i, start, count)),
        count,
      );
    const length = viewOf(sources[0] ?? new Float32Array()).length;
    return pairwiseOfBlocks(ROUND[plan.dtype], sumOfBlock, length, BLOCK);
  }

  #enter({ plan, arrays }: Row<CoreArray>, index: number, start: number, count: number): number {
    return this.#addressIn(plan.dtype, arrays[index], index, start, count);
  }

  #addressIn(dtype: DType, array: CoreArray | undefined, index: number, start: number, count: number): number {
    const block = this.#blocks[dtype][index];
    if (array === undefined || block === undefined) throw new Error("Staging was not reserved for this plan.");
    const address = addressOf(this.#arena, array);
    if (address >= 0) return address + start * block.view.BYTES_PER_ELEMENT;
    block.view.set(viewOf(array).subarray(start, start + count));
    return block.address;
  }

  #leave({ plan, arrays }: Row<CoreArray>, index: number, start: number, count: number): void {
    const array = arrays[index];
    const block = this.#blocks[plan.dtype][index];
    if (array === undefined || block === undefined || index === plan.gradientAt) return;
    if (addressOf(this.#arena, array) < 0) viewOf(array).set((block.view as FloatArray).subarray(0, count), start);
  }
}
