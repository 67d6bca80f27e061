// Arrays of jax-js are counted: whoever makes one must dispose of it, or give it to a scope that does.
import type { numpy as np } from "@jax-js/jax";

/** Takes an array over, to be disposed of when the scope ends, and gives it back for use until then. */
export type Own = (array: np.Array) => np.Array;

/** Runs `fn`, then disposes of everything that it gave to `own`. What it returns must be references of its own. */
export function scoped<T>(fn: (own: Own) => T): T {
  const owned: np.Array[] = [];
  const own = (array: np.Array): np.Array => {
    owned.push(array);
    return array;
  };
  try {
    return fn(own);
  } finally {
    for (const array of owned) array.dispose();
  }
}
