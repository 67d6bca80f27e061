// Arrays outside linear memory: copied block by block into it, computed on there, and copied back.

import { bitsOf, ownPart } from "../../check/built-ins.js";
import { arraysOfSum, type Summand } from "../../rule/norm.js";
import { pairwiseOfBlocks } from "../../rule/pairwise.js";
import type { DType, Plan } from "../../rule/plan.js";
import { ROUND } from "../../rule/scalars.js";
import { sizeOfArray, viewOf } from "../arrays.js";
import type { FloatArray, HostArray, Row } from "../engine.js";
import { HalfStorage } from "../half-storage.js";
import type { Kernel, WasmKernels } from "./kernels.js";
import type { Arena } from "./memory/arena.js";
import { ArenaStorage, placementIn } from "./memory/storage.js";
import { BYTES_PER_ELEMENT, Table } from "./table.js";
import type { Placement, Stager } from "./workspace.js";

/** Elements in a block: small enough for the second cache, large enough to make the calls around it cheap. */
const BLOCK = 16_384;

export class Staging implements Stager<HostArray> {
  readonly #arena: Arena;
  readonly #scalars: number;
  readonly #kernels: WasmKernels;
  readonly #placement: Placement<HostArray>;
  readonly #table: Table;
  readonly #blocks: Record<DType, ArenaStorage[]> = { float32: [], float64: [] };

  /** `scalars` is the address from which kernels read their scalars. */
  constructor(arena: Arena, scalars: number, kernels: WasmKernels) {
    this.#arena = arena;
    this.#kernels = kernels;
    this.#placement = placementIn(arena);
    this.#scalars = scalars;
    this.#table = new Table(arena);
  }

  reserve(plan: Plan, rows: readonly Row<HostArray>[]): void {
    const blocks = this.#blocks[plan.dtype];
    // The gap keeps blocks from starting at the same offset modulo 4 KiB.
    while (blocks.length < plan.arrays.length) blocks.push(new ArenaStorage(this.#arena, plan.dtype, BLOCK + 64));
    this.#table.reserve(1, plan.arrays.length);
    for (const { arrays } of rows) {
      const gradient = arrays[plan.gradientAt];
      if (gradient instanceof HalfStorage) this.#kernels.widening(gradient.format);
    }
  }

  /** One row, whatever lies where. */
  step({ plan, arrays }: Row<HostArray>, own: number, kernel: Kernel): void {
    const length = sizeOfArray(arrays[0] as HostArray); // a row has an array at least
    for (let start = 0; start < length; start += BLOCK) {
      const count = Math.min(BLOCK, length - start);
      this.#run(kernel, plan.dtype, arrays, start, count, own);
      for (let i = 0; i < arrays.length; i++) {
        // The index is one of the list.
        if (i !== plan.gradientAt) this.#leave(plan.dtype, arrays[i] as HostArray, i, start, count);
      }
    }
  }

  /** The pairwise sum of one row: the same tree, cut where a block begins. */
  sum(summand: Summand, { plan, arrays }: Row<HostArray>, kernel: Kernel): number {
    // The index is one of the list.
    const sources = arraysOfSum(summand, plan).map((name) => arrays[plan.arrays.indexOf(name)] as HostArray);
    const sumOfBlock = (start: number, count: number): number => {
      this.#run(kernel, plan.dtype, sources, start, count, 0);
      return this.#table.own[0] as number; // of the only row
    };
    const length = sizeOfArray(sources[0] as HostArray); // the gradient
    return length === 0 ? 0 : pairwiseOfBlocks(ROUND[plan.dtype], sumOfBlock, length, BLOCK);
  }

  #run(kernel: Kernel, dtype: DType, arrays: readonly HostArray[], start: number, count: number, own: number): void {
    const addresses = arrays.map((array, i) => this.#enter(dtype, array, i, start, count));
    this.#table.begin(dtype, arrays.length);
    this.#table.row(count, addresses);
    this.#table.own[0] = own;
    kernel.run(this.#table.start, this.#table.end, this.#scalars);
  }

  #enter(dtype: DType, array: HostArray, index: number, start: number, count: number): number {
    const address = this.#placement.addressOf(array);
    if (address >= 0) return address + start * BYTES_PER_ELEMENT[dtype];
    const block = this.#blocks[dtype][index] as ArenaStorage; // reserved before
    if (array instanceof HalfStorage) this.#widen(array, start, count, block);
    else block.view.set(ownPart(viewOf(array), start, count));
    return block.address;
  }

  /** The bytes go to the upper half of the block, from where they are read before they are written over. */
  #widen({ data, format }: HalfStorage, start: number, count: number, { address }: ArenaStorage): void {
    const from = address + 2 * BLOCK;
    new Uint16Array(this.#arena.buffer as ArrayBuffer, from, count).set(bitsOf(data, start, count)); // or a shared one
    this.#kernels.widening(format).run(from, from + 2 * count, address);
  }

  #leave(dtype: DType, array: HostArray, index: number, start: number, count: number): void {
    if (this.#placement.addressOf(array) >= 0) return;
    const block = this.#blocks[dtype][index] as ArenaStorage; // reserved before
    // One of both types, which TypeScript takes for two.
    viewOf(array).set((block.view as FloatArray).subarray(0, count), start);
  }
}
