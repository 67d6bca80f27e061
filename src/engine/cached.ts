// What is made when it is first asked for, and kept.

/** The value of a key in a map. A value that could not be made is asked for again. */
export function cached<K, V>(
  map: Pick<Map<K, V>, "get"> & { set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
