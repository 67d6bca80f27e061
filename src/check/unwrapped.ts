// What frameworks for user interfaces must not wrap: a proxy of an object has none of its private state, so that every method
// would fail on it.

/** Objects that go into the reactive state of a framework as they are, by what the frameworks look at. */
export abstract class Unwrapped {
  /** Vue wraps what has the tag of a plain object. */
  get [Symbol.toStringTag](): string {
    return this.constructor.name;
  }

  /** Valtio wraps what has no such key. There is nothing to iterate over. @internal */
  get [Symbol.iterator](): undefined {
    return undefined;
  }
}
