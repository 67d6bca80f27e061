// Which variables had a gradient since the last update: those that move when an accumulation is flushed.
import type { Call } from "./call.js";

export class Gathered {
  #keys = new Set<object>();
  /** The calls that were counted when the last gradients came. */
  #calls = 0;
  /** Not when the calls before were made by another run, of which nothing but sums was saved. */
  #isKnown = false;
  /** The list of the last call: the same one again adds nothing. */
  #last: readonly number[] | null = null;
  /** Whether the keys are those of the last list alone, so that it may begin the next accumulation, too. */
  #isOfLast = false;

  /** Before a call is counted whose gradients are gathered, `gathered` of them being there already. */
  note(
    { indices, gradients }: Call<unknown>,
    targets: readonly { readonly key: object }[],
    calls: number,
    gathered: number,
  ): void {
    if (gathered === 0) this.#isKnown = true;
    else if (this.#calls !== calls) this.#isKnown = false;
    this.#calls = calls + 1;
    const adds = gathered > 0 || this.#isOfLast;
    if (adds && this.#last === indices) return;
    if (gathered === 0) this.#keys.clear();
    this.#isOfLast = gathered === 0;
    this.#last = indices;
    for (let i = 0; i < indices.length; i++) {
      const key = gradients[i] === null ? undefined : targets[indices[i] as number]?.key; // an index of the list
      if (key !== undefined) this.#keys.add(key);
    }
  }

  /** Whether a variable had a gradient among the calls so far; every one had where it is not known. */
  has(key: object, calls: number): boolean {
    return !this.#isKnown || this.#calls !== calls || this.#keys.has(key);
  }

  /** The result puts back what is known now. */
  keep(): () => void {
    const [keys, calls, isKnown] = [new Set(this.#keys), this.#calls, this.#isKnown];
    return () => {
      [this.#keys, this.#calls, this.#isKnown, this.#last] = [keys, calls, isKnown, null];
      this.#isOfLast = false;
    };
  }
}
