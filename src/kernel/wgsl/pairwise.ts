// The tree of rule/pairwise.ts as WGSL: which numbers are a leaf, and how its running sums are joined.
import { joinRunning, LEAF_LENGTH, RUNNING_SUMS } from "../../rule/pairwise.js";

/**
 * `leafAt(index, begin, length, depth)`: start and length of a leaf of the tree over `length` numbers from `begin` on. Leaves
 * are counted from the left at a depth that none exceeds; a branch that ends above counts as its leftmost leaf, the others
 * below it are empty.
 */
export const LEAF_AT: string = `fn leafAt(index: u32, begin: u32, length: u32, depth: u32) -> vec2u {
  var start = begin;
  var count = length;
  for (var level = depth; level > 0u; level--) {
    let left = select(count, (count / 2u) & ~${RUNNING_SUMS - 1}u, count > ${LEAF_LENGTH}u);
    if (((index >> (level - 1u)) & 1u) == 1u) { start += left; count -= left; } else { count = left; }
  }
  return vec2u(start, count);
}`;

/** The sum of eight running sums; `sum(i)` names one of them. */
export function joinedRunning(sum: (index: number) => string): string {
  const add = (a: string, b: string): string => `(${a} + ${b})`;
  return joinRunning(add, sum(0), sum(1), sum(2), sum(3), sum(4), sum(5), sum(6), sum(7));
}
