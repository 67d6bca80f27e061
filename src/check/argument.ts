// check/: what users hand over - arguments, lists, names, values of other realms -, errors and warnings about it.
//
// An argument at the border, as optimizers, schedules and constraints have them: who complains, which one, what it must be, what
// came, what to do. Each check returns the value with its type, or throws.

import { isNumberArray } from "./built-ins.js";
import { itemsOf } from "./lists.js";
import { adviceForKey } from "./names.js";
import { spelt } from "./spelling.js";

/** Which numbers an argument may be. Without any field: all finite numbers. */
export interface NumberRule {
  /** The least number allowed. */
  readonly min?: number | undefined;
  /** The greatest number allowed. */
  readonly max?: number | undefined;
  /** Only numbers greater than this one are allowed. */
  readonly above?: number | undefined;
  /** Only these numbers are allowed. */
  readonly only?: readonly number[] | undefined;
  /** Only whole numbers are allowed. */
  readonly integer?: boolean | undefined;
  /** What to do instead, a whole sentence; without it the requirement is turned into advice. */
  readonly remedy?: string | undefined;
}

/** An argument of somebody's: checks of its value, and errors that name both. */
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

  /** A finite number that keeps `rule`. A `TypeError` for anything but a number, else a `RangeError`. */
  number(value: unknown, rule: NumberRule = {}): number {
    return this.#number(value, rule, "");
  }

  /** As `number`; `null`, which stands for Keras' None, is allowed too. */
  numberOrNull(value: unknown, rule: NumberRule = {}): number | null {
    return value === null ? null : this.#number(value, rule, " or null");
  }

  /** An array of finite numbers that keep `rule`: arrays and typed arrays are copied, all else is refused. */
  numbers(value: unknown, rule: NumberRule = {}): number[] {
    const isNumbers = isNumberArray(value);
    if (!isNumbers && !Array.isArray(value)) throw this.badKind("be an array of numbers", value, "Pass an array.");
    const items: unknown[] = isNumbers ? Array.from(new Float64Array(value)) : itemsOf(value);
    return items.map((item, i) => this.at(i).number(item, rule));
  }

  /** A boolean, or a `TypeError`: truthy values of other kinds are refused. */
  boolean(value: unknown): boolean {
    if (typeof value === "boolean") return value;
    throw this.badKind("be true or false", value, adviceFor(value));
  }

  /** A string, or a `TypeError`. */
  string(value: unknown): string {
    if (typeof value === "string") return value;
    throw this.badKind("be a string", value, adviceFor(value));
  }

  /** One of some strings: a `TypeError` for anything but a string, a `RangeError` for another one. */
  choice<const T extends string>(value: unknown, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    const requirement = `be ${choices.map((choice) => JSON.stringify(choice)).join(" or ")}`;
    throw this.bad("string", requirement, value, "Pass one of them.");
  }

  /** A name in Keras' sense: a string without `/`. */
  kerasName(value: unknown): string {
    const name = this.string(value);
    if (!name.includes("/")) return name;
    throw this.badValue("be a string without /", name, "Use another character: Keras keeps the slash for paths.");
  }

  /**
   * An object that has no keys but `known`, and `passed`, of which no message speaks. A `TypeError` for anything but a plain
   * object and for the first unknown key, with the key that was most likely meant.
   */
  keys(value: unknown, known: readonly string[], passed: readonly string[] = []): object {
    if (Object.prototype.toString.call(value) !== "[object Object]") {
      const remedy = `Pass { ${known.slice(0, 2).join(", ")}${known.length > 2 ? ", ..." : ""} }.`;
      throw this.badKind("be one object", value, remedy);
    }
    const plain = value as object; // its tag says so
    for (const [key, received] of Object.entries(plain)) {
      if (known.includes(key) || passed.includes(key)) continue;
      const spell = (name: string): string => spelt(plain, name);
      const unknown = new Argument(this.owner, spell(key));
      throw unknown.badKind("be a known argument", received, adviceForKey(key, known, spell));
    }
    return plain;
  }

  /** A function, or a `TypeError`. */
  callable(value: unknown): void {
    if (typeof value !== "function") throw this.badKind("be a function", value, "Pass a function.");
  }

  /** An array, or a `TypeError`. */
  array(value: unknown, remedy: string): void {
    if (!Array.isArray(value)) throw this.badKind("be an array", value, remedy);
  }

  /** An array as a list of our own, or a `TypeError`. */
  items<T>(value: readonly T[], remedy: string): T[] {
    this.array(value, remedy);
    return itemsOf(value);
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

  #number(value: unknown, rule: NumberRule, orNull: string): number {
    if (typeof value === "number" && keeps(value, rule)) return value;
    const requirement = requirementOf(rule);
    if (typeof value !== "number")
      throw this.badKind(`be ${requirement}${orNull}`, value, rule.remedy ?? adviceFor(value));
    const remedy = rule.remedy ?? (Number.isNaN(value) ? "Look where it became NaN." : `Pass ${requirement}.`);
    throw this.badValue(`be ${requirement}${orNull}`, value, remedy);
  }
}

/** The arguments of one owner, by their names. */
export type Arguments = (name: string) => Argument;

export const argumentsOf =
  (owner: string): Arguments =>
  (name) =>
    new Argument(owner, name);

function keeps(
  value: number,
  { min = -Infinity, max = Infinity, above = -Infinity, integer, only }: NumberRule,
): boolean {
  if (!Number.isFinite(value) || (integer && !Number.isInteger(value))) return false;
  return value >= min && value <= max && value > above && (only?.includes(value) ?? true);
}

function requirementOf({ min, max, above, integer, only }: NumberRule): string {
  if (only !== undefined) return only.join(" or ");
  const kind = integer ? "an integer" : "a finite number";
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`;
  const bounds = [
    above === undefined ? "" : `> ${above}`,
    min === undefined ? "" : `>= ${min}`,
    max === undefined ? "" : `<= ${max}`,
  ];
  return [kind, bounds.filter(Boolean).join(" and ")].filter(Boolean).join(" ");
}

/** What to do about a value of the wrong kind. */
export function adviceFor(value: unknown, otherwise = "Pass a value of that kind."): string {
  if (value === undefined) return "It has no default: pass it.";
  const isNumeric = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  return isNumeric ? "Convert it with Number()." : otherwise;
}

/** Words about a value, such as its shape, that a message shows as they are. */
export class Verbatim {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A text as an error message shows it: never a long one. */
export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);

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

const classOf = (value: object): string => value.constructor?.name ?? "no class";

/** A Variable of this package, a tensor variable and the like. */
function isNamedArray(value: unknown): value is { readonly name: string; readonly shape: readonly number[] } {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && typeof value.name === "string" && "shape" in value && Array.isArray(value.shape);
}

const lengthOf = (value: object): number => ("length" in value && typeof value.length === "number" ? value.length : 0);
