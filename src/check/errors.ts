// What every error of this package looks like: who complains, which argument, what it must be, what came, what to do.
// Errors of state and of the platform have classes of their own, with fields; the rest are RangeError and TypeError.

/** An argument of somebody's, as messages name it: its errors say what it must be, what came, and what to do. */
export class Argument {
  /** Who complains, e.g. `"RMSprop"`. */
  readonly owner: string;
  /** The argument's name as the user wrote it, e.g. `"weightDecay"`. */
  readonly name: string;

  constructor(owner: string, name: string) {
    this.owner = owner;
    this.name = name;
  }

  /** An item of it, e.g. `"gradients[2]"`. */
  at(index: number): Argument {
    return new Argument(this.owner, `${this.name}[${index}]`);
  }

  /** A field of it, e.g. `"params.bias"`; of an empty path, the argument itself. */
  field(path: string): Argument {
    return path === "" ? this : new Argument(this.owner, `${this.name}.${path}`);
  }

  /** A `RangeError` for a value of the right kind: `requirement` follows "must", `remedy` is a whole sentence. */
  badValue(requirement: string, received: unknown, remedy: string): RangeError {
    return new RangeError(this.#message(requirement, received, remedy));
  }

  /** As `badValue`: a `TypeError` for a value of the wrong kind. */
  badKind(requirement: string, received: unknown, remedy: string): TypeError {
    return new TypeError(this.#message(requirement, received, remedy));
  }

  /** `badValue` for what `typeof` calls `kind`, `badKind` for anything else. */
  bad(kind: string, requirement: string, received: unknown, remedy: string): TypeError | RangeError {
    if (typeof received === kind) return this.badValue(requirement, received, remedy);
    return this.badKind(requirement, received, remedy);
  }

  #message(requirement: string, received: unknown, remedy: string): string {
    return `${this.owner}: ${this.name} must ${requirement}; received ${this.name}=${show(received)}. ${remedy}`;
  }
}

/** The arguments of one owner, by their names. */
export type Arguments = (name: string) => Argument;

export function argumentsOf(owner: string): Arguments {
  return (name) => new Argument(owner, name);
}

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

/** Words about a value, such as its shape, that a message shows as they are. */
export class Verbatim {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A text as an error message shows it: never a long one. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

/** A value as an error message shows it: short, never a whole array. */
function show(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return "an object that cannot be read"; // a getter or a proxy of the user's throws
  }
}

function shown(value: unknown): string {
  if (value instanceof Verbatim) return value.text;
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return `${classOf(value)}(${lengthOf(value)})`;
  if (isNamedArray(value)) return `${classOf(value)} ${value.name} [${value.shape}]`;
  if (typeof value === "object" && value !== null) return `an object of ${classOf(value)}`;
  return String(value);
}

function classOf(value: object): string {
  return value.constructor?.name ?? "no class";
}

/** A Variable of this package, a tensor variable and the like. */
function isNamedArray(value: unknown): value is { readonly name: string; readonly shape: readonly number[] } {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && typeof value.name === "string" && "shape" in value && Array.isArray(value.shape);
}

function lengthOf(value: object): number {
  return "length" in value && typeof value.length === "number" ? value.length : 0;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
