// Paths within a file: those of a folder, and their order.

/** Those of these sorted paths that lie in a folder. */
export const pathsBelow = (sorted: readonly string[], folder: string): string[] =>
  sorted.slice(firstFrom(sorted, `${folder}/`), firstFrom(sorted, `${folder}0`)); // "0" follows "/"

/** The index of the first of these that is not before `least`. */
function firstFrom(sorted: readonly string[], least: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 2 comes before 10. */
export function byNumbers(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((path) => path.split(/(\d+)/));
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = "", y = ""] = [left[i], right[i]];
    const difference = i % 2 === 1 ? Number(x) - Number(y) : x < y ? -1 : Number(x > y);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
