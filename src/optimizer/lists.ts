// Lists: whether two are the same, what they hold now, and what the lengths of a shape make.

/** Whether two lists have the same items: two shapes, the objects of two calls. */
export function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A list as it is now: each item is read once, for a getter may give another one next time. What is no array stays as it is. */
export function readOnce<T>(list: readonly T[]): readonly T[] {
  return Array.isArray(list) ? Array.from({ length: list.length }, (_, i) => list[i] as T) : list;
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}
