// Errors of state, which have classes of their own, with fields. What is wrong with an argument is said in argument.ts.

/** Thrown when an optimizer or a variable is used after `dispose()`, before `build()`, or otherwise at the wrong time. */
export class StateError extends Error {
  override readonly name = "StateError";
  /** Who complains, e.g. `"RMSprop"`. */
  readonly owner: string;

  constructor(owner: string, message: string) {
    super(`${owner}: ${message}`);
    this.owner = owner;
  }
}

/** Thrown when saved state does not fit: carries both lists, what was expected and what came. */
export class StateMismatchError extends Error {
  override readonly name = "StateMismatchError";
  readonly expected: readonly string[];
  readonly received: readonly string[];

  constructor(owner: string, problem: string, expected: readonly string[], received: readonly string[]) {
    super(
      `${owner}: ${problem}\n  expected (${expected.length}): ${list(expected)}\n  received (${received.length}): ${list(received)}`,
    );
    this.expected = expected;
    this.received = received;
  }
}

const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));
