// Arrays of jax-js are counted: whoever makes one must dispose of it. A scope remembers what was made in it.
import type { numpy as np } from "@jax-js/jax";

export class Scope {
  readonly #made: np.Array[] = [];

  /** Remembers an array; it belongs to the scope from now on. */
  own(array: np.Array): np.Array {
    this.#made.push(array);
    return array;
  }

  /** Disposes of everything that the scope owns. */
  close(): void {
    for (const array of this.#made.splice(0)) array.dispose();
  }
}

/** Runs `fn` in a scope that ends with it. What `fn` returns must be references of its own. */
export function scoped<T>(fn: (scope: Scope) => T): T {
  const scope = new Scope();
  try {
    return fn(scope);
  } finally {
    scope.close();
  }
}
