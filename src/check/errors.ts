// What every error of this package looks like: who complains, which argument, what it must be, what came, what to do.
// Errors of state and of the platform have classes of their own, with fields; the rest are RangeError and TypeError.

/** The parts of a message about one bad argument. */
export interface Complaint {
  /** Who complains, e.g. `"RMSprop"`. */
  readonly owner: string;
  /** The argument's name as the user wrote it, e.g. `"weightDecay"`. */
  readonly argument: string;
  /** What follows "must", e.g. `"be a number >= 0"`. */
  readonly requirement: string;
  readonly received: unknown;
  /** What to do instead: a whole sentence. */
  readonly remedy: string;
}

/** A `RangeError` for a value of the right kind that is out of range. */
export const badValue = (complaint: Complaint): RangeError => new RangeError(messageOf(complaint));

/** A `TypeError` for a value of the wrong kind. */
export const badKind = (complaint: Complaint): TypeError => new TypeError(messageOf(complaint));

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

function messageOf({ owner, argument, requirement, received, remedy }: Complaint): string {
  return `${owner}: ${argument} must ${requirement}; received ${argument}=${show(received)}. ${remedy}`;
}

function lengthOf(value: object): number {
  return "length" in value && typeof value.length === "number" ? value.length : 0;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
