// NumPy's pairwise sum: the one tree in which this package adds many numbers. What is summed for a norm is in norm.ts.

/** As many numbers of a leaf are summed side by side; fewer are added in sequence. */
export const RUNNING_SUMS = 8;

/** More numbers than that are halved. */
export const LEAF_LENGTH = 128;

type Round = (x: number) => number;
type NumberAt = (index: number) => number;

/** How many of more than `LEAF_LENGTH` numbers the left half takes: half of them, rounded down to a multiple of 8. */
export function leftOf(count: number): number {
  const half = Math.floor(count / 2);
  return half - (half % RUNNING_SUMS);
}

/** How often so many numbers are halved until all parts are leaves; the right half is the longer one. */
export function depthOf(count: number): number {
  let depth = 0;
  for (let rest = count; rest > LEAF_LENGTH; rest -= leftOf(rest)) depth++;
  return depth;
}

/** The sum of the eight running sums of a leaf. */
export function joinRunning<V>(add: (a: V, b: V) => V, a: V, b: V, c: V, d: V, e: V, f: V, g: V, h: V): V {
  return add(add(add(a, b), add(c, d)), add(add(e, f), add(g, h)));
}

/**
 * The sum of `at(0) ... at(count - 1)` in the order NumPy adds a contiguous row, so that every bit is NumPy's: fewer
 * than 8 numbers in sequence; up to 128 in eight running sums joined as a tree, then the rest in sequence; more than
 * that split near the middle at a multiple of 8.
 *
 * `round` is applied to each addition: `Math.fround` for float32, the identity for float64; `at` must give numbers
 * that are rounded already. No numbers sum to 0. Source: `pairwise_sum` in NumPy's `loops_utils.h.src`.
 */
export function pairwiseSum(round: Round, at: NumberAt, count: number): number {
  return count === 0 ? 0 : sumFrom(round, at, 0, count);
}

/**
 * The same sum when at most `block` >= `LEAF_LENGTH` numbers can be added at a time: `sumOfBlock(start, count)` gives the pairwise
 * sum of a part, and the parts are joined as the tree joins them.
 */
export function pairwiseOfBlocks(
  round: Round,
  sumOfBlock: (start: number, count: number) => number,
  count: number,
  block: number,
): number {
  const sumOf = (start: number, length: number): number => {
    if (length <= block) return sumOfBlock(start, length);
    const left = leftOf(length);
    return round(sumOf(start, left) + sumOf(start + left, length - left));
  };
  return sumOf(0, count);
}

function sumFrom(round: Round, at: NumberAt, start: number, count: number): number {
  if (count < RUNNING_SUMS) return sumInSequence(round, at, start + 1, start + count, at(start));
  if (count <= LEAF_LENGTH) return sumByEights(round, at, start, count);
  const left = leftOf(count);
  return round(sumFrom(round, at, start, left) + sumFrom(round, at, start + left, count - left));
}

function sumByEights(round: Round, at: NumberAt, start: number, count: number): number {
  const end = start + count - (count % RUNNING_SUMS);
  let [a, b, c, d] = [at(start), at(start + 1), at(start + 2), at(start + 3)];
  let [e, f, g, h] = [at(start + 4), at(start + 5), at(start + 6), at(start + 7)];
  for (let i = start + RUNNING_SUMS; i < end; i += RUNNING_SUMS) {
    a = round(a + at(i));
    b = round(b + at(i + 1));
    c = round(c + at(i + 2));
    d = round(d + at(i + 3));
    e = round(e + at(i + 4));
    f = round(f + at(i + 5));
    g = round(g + at(i + 6));
    h = round(h + at(i + 7));
  }
  const joined = joinRunning((x, y) => round(x + y), a, b, c, d, e, f, g, h);
  return sumInSequence(round, at, end, start + count, joined);
}

function sumInSequence(round: Round, at: NumberAt, start: number, end: number, first: number): number {
  let sum = first;
  for (let i = start; i < end; i++) sum = round(sum + at(i));
  return sum;
}
