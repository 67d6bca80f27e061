// Changing something for a while and putting it back, whatever the user's code does meanwhile.
import { isErrorNamed } from "../../check/built-ins.js";
import type { Engine } from "../../engine/engine.js";

/** Runs `fn`, then `undo` however it ends: at once, or when the promise it returned is settled. */
export function withUndo<T>(fn: () => T, undo: () => void): T {
  let pending = false;
  try {
    const result = fn();
    if (!isThenable(result)) return result;
    // A promise of our own: another library's may have no `finally`, or one that forgets to call.
    const settled = new Promise((resolve) => resolve(result));
    pending = true;
    return settled.finally(undo) as T; // a promise of the same result, only later
  } finally {
    if (!pending) undo();
  }
}

/**
 * Puts everything back that can be put back: an array that was disposed of or transferred meanwhile, for which `act` throws
 * a ReferenceError, is passed over. Any other error is thrown once all the rest has been done.
 */
function putBack<T>(kept: Iterable<T>, act: (item: T) => void): void {
  const problems: unknown[] = [];
  for (const item of kept) {
    try {
      act(item);
    } catch (error) {
      if (!isErrorNamed("ReferenceError", error)) problems.push(error);
    }
  }
  if (problems.length > 0) throw problems[0];
}

/** Copies of what the holders' arrays hold. The result, to be called once at most, puts back what is still there. */
export function keepArrays<A>(engine: Engine<A, never>, holders: readonly { readonly array: A }[]): () => void {
  const kept = holders.map(({ array }) => ({ array, before: engine.clone(array) }));
  return () => {
    try {
      putBack(kept, ({ array, before }) => engine.copy(before, array));
    } finally {
      for (const { before } of kept) engine.free(before);
    }
  };
}

/** What has averages in the place of which its variables can be seen. */
interface Averaged<A> {
  readonly engine: Engine<A, never>;
  readonly calls: number;
  readonly targets: readonly { readonly array: A }[];
  averageOf(index: number): A | null;
}

/** Puts the averages into the variables, if there are any yet. The result puts the values of before back. */
export function showAverages<A>(run: Averaged<A>): () => void {
  const shown = (run.calls === 0 ? [] : run.targets).flatMap(({ array }, index) => {
    const instead = run.averageOf(index);
    return instead === null ? [] : [{ array, instead }];
  });
  const restore = keepArrays(run.engine, shown);
  try {
    for (const { array, instead } of shown) run.engine.copy(instead, array);
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}

/** A promise, also of another library or realm; some are functions. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  const canHaveMethods = (typeof value === "object" && value !== null) || typeof value === "function";
  return canHaveMethods && "then" in value && typeof value.then === "function";
}
