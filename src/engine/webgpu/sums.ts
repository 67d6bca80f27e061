// Where sums lie on the device and which dispatches make them: the tree of rule/pairwise.ts, cut into passes.
import { JOINED, LEAF_LEVELS } from "../../kernel/wgsl/sum.js";
import { depthOf, leftOf } from "../../rule/pairwise.js";

/** A branch of the tree that is bound at once. */
interface Branch {
  /** The first element, a multiple of 8. */
  readonly start: number;
  readonly length: number;
  /** Where its first workgroup leaves its sum, among the sums of the first pass. */
  readonly to: number;
  readonly workgroups: number;
}

/** One more pass over the sums of the one before. */
interface Join {
  /** Among all sums of the passes. */
  readonly from: number;
  readonly count: number;
  readonly to: number;
  readonly workgroups: number;
}

/** The passes that sum so many elements; the last one leaves one number. */
export interface SumPasses {
  readonly branches: readonly Branch[];
  /** Levels of the tree below each branch, down to its leaves. */
  readonly depth: number;
  readonly joins: readonly Join[];
  /** Sums between the passes; 0 when the first pass leaves one number. */
  readonly between: number;
}

/** The passes for `length` elements, of which `partLength` can be bound at once. */
export function sumPasses(length: number, partLength: number): SumPasses {
  const parts = partsOf(0, length, partLength);
  const depth = Math.max(LEAF_LEVELS, ...parts.map((part) => depthOf(part.length)));
  const workgroups = 2 ** (depth - LEAF_LEVELS);
  const branches = parts.map((part, i) => ({ ...part, to: i * workgroups, workgroups }));
  const joins: Join[] = [];
  let from = 0;
  let count = parts.length * workgroups;
  let between = count === 1 ? 0 : count;
  while (count > 1) {
    const joined = Math.ceil(count / JOINED);
    joins.push({ from, count, to: from + count, workgroups: joined });
    from += count;
    count = joined;
    if (joined > 1) between += joined;
  }
  return { branches, depth, joins, between };
}

/** The tree down to where each branch can be bound: its halves are nearly alike, so all stand at one level. */
function partsOf(start: number, length: number, partLength: number): { start: number; length: number }[] {
  let parts = [{ start, length }];
  while (parts.some((part) => part.length > partLength)) {
    parts = parts.flatMap((part) => {
      const left = leftOf(part.length);
      return [
        { start: part.start, length: left },
        { start: part.start + left, length: part.length - left },
      ];
    });
  }
  return parts;
}
