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

/** By their parts, where 2 comes before 10. */
export function numberOrder(paths: readonly string[]): string[] {
  // A number after how many digits it has is sorted as text.
  const keyOf = (digits: string) => String.fromCharCode(Math.min(digits.length, 31)) + digits;
  const keyed = new Map(paths.map((path) => [path.replace(/\d+/g, keyOf), path]));
  return [...keyed.keys()].sort().map((key) => keyed.get(key) ?? key);
}
