// Sums over gradients, for norms and for the finite check: cut into the branches of the pairwise tree, one table row each.
import { arraysOfSum, type Summand } from "../../rule/norm.js";
import { pairwiseOfBlocks } from "../../rule/pairwise.js";
import type { DType, Plan } from "../../rule/plan.js";
import { ROUND } from "../../rule/scalars.js";
import type { Row } from "../engine.js";
import type { Table } from "./table.js";
import { lengthOfRow, type Placement } from "./workspace.js";

/** Elements that one row of a table adds at most: a branch of the tree that one thread takes. */
const BRANCH = 32_768;

/** Writes the branches of rows of one plan, all of whose arrays lie in this memory. Throws MemoryError. */
export function writeBranches<A>(
  table: Table,
  placement: Placement<A>,
  summand: Summand,
  plan: Plan,
  rows: readonly Row<A>[],
): void {
  const sources = arraysOfSum(summand, plan).map((name) => plan.arrays.indexOf(name));
  let branches = 0;
  for (const row of rows) branches += 1 + Math.ceil((2 * lengthOfRow(placement, row)) / BRANCH);
  table.reserve(branches, sources.length);
  table.begin(plan.dtype, sources.length);
  for (const row of rows) {
    const addresses = sources.map((at) => placement.addressOf(row.arrays[at] as A)); // an index of the list
    const write = (start: number, count: number): number => {
      table.row(count, addresses, start);
      return 0;
    };
    const length = lengthOfRow(placement, row);
    // Nothing is added yet, but the branches stand in the order in which `sumOfBranches` reads them.
    if (length > 0) pairwiseOfBlocks(ROUND[plan.dtype], write, length, BRANCH);
  }
}

/** The sum of a row of so many elements, whose branches are the next ones of the table. */
export function sumOfBranches(table: Table, dtype: DType, length: number): number {
  if (length === 0) return 0;
  return length <= BRANCH ? table.nextOwn() : pairwiseOfBlocks(ROUND[dtype], () => table.nextOwn(), length, BRANCH);
}
