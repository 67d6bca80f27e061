// Lists: copies of them, whether two are the same, and what the lengths of a shape make.

/**
 * The items of a user's list, each read once, in a list of our own: a getter or a proxy may give another one the next time,
 * and a class that extends Array has methods of its own.
 */
export function itemsOf<T>(list: ArrayLike<T>): T[] {
  const { length } = list;
  if (!(length < 2 ** 32)) throw new RangeError("Invalid array length"); // as the language says of it
  const items: T[] = [];
  for (let i = 0; i < length; i++) items.push(list[i] as T); // an index of the list
  return items;
}

/** Whether two lists have the same items: two shapes, the objects of two calls. */
export function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
