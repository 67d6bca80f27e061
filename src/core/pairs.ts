// The pairs of `applyGradients`.

import type { Argument } from "../check/argument.js";

/** Pairs as two lists, or an error for what is no iterable of pairs. */
export function unzip<G, V>(argument: Argument, pairs: Iterable<readonly [G, V]>): [gradients: G[], variables: V[]] {
  const isIterable = typeof pairs === "object" && pairs !== null && typeof pairs[Symbol.iterator] === "function";
  const list = isIterable ? Array.from(pairs, pairOf) : [null]; // An iterator can be walked only once.
  if (list.every((pair) => pair !== null)) return [list.map((pair) => pair[0]), list.map((pair) => pair[1])];
  throw argument.badKind("be an iterable of [gradient, variable]", pairs, "Pass [[gradient, variable], ...].");
}

/** What was found to be a pair, its items read once; null for anything else. */
function pairOf<G, V>(pair: readonly [G, V]): readonly [G, V] | null {
  return Array.isArray(pair) && pair.length === 2 ? [pair[0], pair[1]] : null;
}
