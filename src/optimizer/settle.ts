// Doing something and undoing it, for functions that may throw or return a promise.
import { isErrorNamed } from "../check/built-ins.js";

/** Runs `fn`, then `restore` however it ends: at once, or when the promise it returned is settled. */
export function settle<T>(fn: () => T, restore: () => void): T {
  let pending = false;
  try {
    const result = fn();
    if (!isThenable(result)) return result;
    pending = true;
    return Promise.resolve(result).finally(restore) as T; // A promise of the same result, only later.
  } finally {
    if (!pending) restore();
  }
}

/** A promise, also of another library or realm. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Writes to a variable, unless it was disposed of in the meantime: then there is nothing to write to. */
export function unlessGone(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isErrorNamed("ReferenceError", error)) throw error;
  }
}
