// Sums over gradients, for norms and for the finite check: cut into the branches of the pairwise tree, one table row each.

import type { Summand } from "../../rule/norm.js";
import { arraysOfSum } from "../../rule/norm.js";
import { leftOf } from "../../rule/pairwise.js";
import type { Plan } from "../../rule/plan.js";
import { ROUND } from "../../rule/scalars.js";
import type { FloatArray, Row } from "../engine.js";
import type { LinearMemory } from "./memory/linear-memory.js";
import { Table } from "./table.js";
import type { Placement } from "./workspace.js";

/** Elements that one row adds at most: a branch of the tree that one thread takes. */
const BRANCH = 32_768;

/** A table of sums. Rows of one plan are added, run together, and read. */
export class Sums<A> {
  readonly #placement: Placement<A>;
  readonly table: Table;
  /** Of the row that is added. */
  readonly #addresses: number[] = [];
  #read = 0;

  constructor(memory: LinearMemory, placement: Placement<A>) {
    this.#placement = placement;
    this.table = new Table(memory);
  }

  /** Makes room for the sums of these rows. Throws MemoryError. */
  reserve(rows: readonly Row<A>[]): void {
    let branches = 0;
    for (let i = 0; i < rows.length; i++) branches += 1 + Math.ceil((2 * this.#lengthOf(rows[i])) / BRANCH);
    this.table.reserve(branches, 2);
  }

  begin(summand: Summand, plan: Plan): void {
    this.table.begin(plan.dtype, arraysOfSum(summand, plan).length);
  }

  /** Makes `next` begin with the first row again. */
  rewind(): void {
    this.#read = 0;
  }

  /** Appends the branches of one row, all of whose arrays lie in this memory. */
  add(summand: Summand, row: Row<A>): void {
    const length = this.#lengthOf(row);
    if (length === 0) return;
    const { plan, arrays } = row;
    const names = arraysOfSum(summand, plan);
    this.#addresses.length = names.length;
    for (let i = 0; i < names.length; i++) {
      this.#addresses[i] = this.#placement.addressOf(arrays[plan.arrays.indexOf(names[i] ?? "")] as A);
    }
    this.#branch(0, length);
  }

  /**
   * After the kernel has run: stores the sum of the next row, in the order they were added, in `into[at]`. As a result it
   * might become an object. `sums` is the table's `own`.
   */
  storeNext(row: Row<A>, sums: FloatArray, into: Float64Array, at: number): void {
    const length = this.#lengthOf(row);
    if (length > BRANCH) into[at] = this.#join(ROUND[row.plan.dtype], sums, length);
    else if (length > 0)
      into[at] = sums[this.#read++ * this.table.ownStride] as number; // a row of the table
    else into[at] = 0;
  }

  #branch(start: number, count: number): void {
    if (count <= BRANCH) {
      this.table.row(count, this.#addresses, start);
      return;
    }
    const left = leftOf(count);
    this.#branch(start, left);
    this.#branch(start + left, count - left);
  }

  #join(round: (value: number) => number, sums: FloatArray, count: number): number {
    if (count <= BRANCH) return sums[this.#read++ * this.table.ownStride] as number; // a row of the table
    const left = leftOf(count);
    const sum = this.#join(round, sums, left);
    return round(sum + this.#join(round, sums, count - left));
  }

  #lengthOf(row: Row<A> | undefined): number {
    const array = row?.arrays[0];
    return array === undefined ? 0 : this.#placement.lengthOf(array);
  }
}
