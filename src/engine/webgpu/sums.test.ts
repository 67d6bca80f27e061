import { describe, expect, test } from "vitest";
import { JOINED, LEAF_LEVELS, LEAVES } from "../../kernel/wgsl/sum.js";
import { LEAF_LENGTH, leftOf, pairwiseSum } from "../../rule/pairwise.js";
import { type SumPasses, sumPasses } from "./sums.js";

const number = (i: number): number => Math.fround(((i * 7919) % 1013) / 1013);

/** The sum by these passes, as the kernels take it: a missing leaf is 0. */
function sumBy({ branches, depth, joins }: SumPasses): number {
  const sums: number[] = [];
  for (const { start, length, to, workgroups } of branches) {
    for (let group = 0; group < workgroups; group++) {
      const leaves = Array.from({ length: LEAVES }, (_, i) => leafOf(start, length, depth, group * LEAVES + i));
      sums[to + group] = tree(leaves);
    }
  }
  let last = sums[0] ?? Number.NaN;
  for (const { from, count, to, workgroups } of joins) {
    for (let group = 0; group < workgroups; group++) {
      const own = Array.from({ length: JOINED }, (_, i) => {
        const at = group * JOINED + i;
        return at < count ? (sums[from + at] ?? Number.NaN) : 0;
      });
      last = tree(own);
      sums[to + group] = last;
    }
  }
  return last;
}

function leafOf(start: number, length: number, depth: number, index: number): number {
  let [from, rest] = [start, length];
  for (let level = depth - 1; level >= 0; level--) {
    const left = rest > LEAF_LENGTH ? leftOf(rest) : rest;
    [from, rest] = Math.floor(index / 2 ** level) % 2 === 1 ? [from + left, rest - left] : [from, left];
  }
  return pairwiseSum(Math.fround, (i) => number(from + i), rest);
}

const tree = (numbers: number[]): number => {
  const half = numbers.length / 2;
  return numbers.length === 1
    ? (numbers[0] ?? Number.NaN)
    : Math.fround(tree(numbers.slice(0, half)) + tree(numbers.slice(half)));
};

describe("sumPasses", () => {
  const SIZES = [0, 1, 7, 128, 129, 1003, 4096, 4097, 65_537, 2_100_001];
  test.each(SIZES.flatMap((size) => [2 ** 25, 2048].map((part) => [size, part] as const)))(
    "%i numbers, of which %i can be bound, have NumPy's sum",
    (size, part) => {
      if (size > 1000 * part) return; // more branches than any device needs
      const passes = sumPasses(size, part);
      expect(sumBy(passes)).toBe(pairwiseSum(Math.fround, number, size));
      expect(passes.branches.every(({ length }) => length <= part)).toBe(true);
      expect(passes.branches.every(({ start }) => start % 8 === 0)).toBe(true);
    },
  );

  test("the largest array of a device with default limits fits its dispatches", () => {
    const { branches, depth } = sumPasses(2 ** 26, 2 ** 25 - 64);
    expect(branches.every(({ workgroups }) => workgroups === 2 ** (depth - LEAF_LEVELS) && workgroups <= 65_535)).toBe(
      true,
    );
  });
});
