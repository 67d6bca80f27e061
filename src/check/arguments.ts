// check/: what users hand over - arguments, lists, names, values of other realms -, errors and warnings about it.
//
// Checks of arguments at the border, shared by optimizers, schedules and constraints: each returns the value with its
// type, or throws an error of the form in errors.ts. What an argument may be is said by the caller.

import { isNumberArray } from "./built-ins.js";
import { Argument } from "./errors.js";
import { itemsOf } from "./lists.js";
import { adviceForKey } from "./names.js";
import { spelt } from "./spelling.js";

/** Which numbers an argument may be. Without any field: all finite numbers. */
export interface NumberRule {
  /** The least number allowed. */
  readonly min?: number;
  /** The greatest number allowed. */
  readonly max?: number;
  /** Only numbers greater than this one are allowed. */
  readonly above?: number;
  /** Only whole numbers are allowed. */
  readonly integer?: boolean;
  /** What to do instead, a whole sentence; without it the requirement is turned into advice. */
  readonly remedy?: string;
}

/** `value` as a finite number that keeps `rule`. A `TypeError` for anything but a number, else a `RangeError`. */
export function checkNumber(argument: Argument, value: unknown, rule: NumberRule = {}): number {
  return checkAgainst(argument, value, rule, "");
}

/** As `checkNumber`; `null`, which stands for Keras' None, is allowed too. */
export function checkNumberOrNull(argument: Argument, value: unknown, rule: NumberRule = {}): number | null {
  return value === null ? null : checkAgainst(argument, value, rule, " or null");
}

/** `value` as an array of finite numbers that keep `rule`: arrays and typed arrays are copied, all else is refused. */
export function checkNumbers(argument: Argument, value: unknown, rule: NumberRule = {}): number[] {
  const isNumbers = isNumberArray(value);
  if (isNumbers || Array.isArray(value)) {
    const items: unknown[] = isNumbers ? Array.from(new Float64Array(value)) : itemsOf(value);
    return items.map((item, i) => checkNumber(argument.at(i), item, rule));
  }
  throw argument.badKind("be an array of numbers", value, "Pass an array.");
}

/** `value` as a boolean, or a `TypeError`: truthy values of other kinds are refused. */
export function checkBoolean(argument: Argument, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw argument.badKind("be true or false", value, adviceFor(value));
}

/** `value` as a string, or a `TypeError`. */
export function checkString(argument: Argument, value: unknown): string {
  if (typeof value === "string") return value;
  throw argument.badKind("be a string", value, adviceFor(value));
}

/** `value` as one of some strings: a `TypeError` for anything but a string, a `RangeError` for another one. */
export function checkChoice<const T extends string>(argument: Argument, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const requirement = `be ${choices.map((choice) => JSON.stringify(choice)).join(" or ")}`;
  throw argument.bad("string", requirement, value, "Pass one of them.");
}

/** `value` as a name in Keras' sense: a string without `/`. */
export function checkName(argument: Argument, value: unknown): string {
  const name = checkString(argument, value);
  if (!name.includes("/")) return name;
  throw argument.badValue("be a string without /", name, "Use another character: Keras keeps the slash for paths.");
}

/**
 * `options` as an object that has no keys but `known`, and `passed`, of which no message speaks. A `TypeError` for anything but
 * a plain object and for the first unknown key, with the key that was most likely meant.
 */
export function checkKnownKeys(
  argument: Argument,
  options: unknown,
  known: readonly string[],
  passed: readonly string[] = [],
): object {
  if (Object.prototype.toString.call(options) !== "[object Object]") {
    const remedy = `Pass { ${known.slice(0, 2).join(", ")}${known.length > 2 ? ", ..." : ""} }.`;
    throw argument.badKind("be one object", options, remedy);
  }
  const plain = options as object; // its tag says so
  for (const [key, received] of Object.entries(plain)) {
    if (known.includes(key) || passed.includes(key)) continue;
    const spell = (name: string): string => spelt(plain, name);
    const remedy = adviceForKey(key, known, spell);
    throw new Argument(argument.owner, spell(key)).badKind("be a known argument", received, remedy);
  }
  return plain;
}

/** `value` as a function, or a `TypeError`. */
export function checkFunction(argument: Argument, value: unknown): void {
  if (typeof value === "function") return;
  throw argument.badKind("be a function", value, "Pass a function.");
}

/** `value` as an array, or a `TypeError`. */
export function checkArray(argument: Argument, value: unknown, remedy: string): void {
  if (!Array.isArray(value)) throw argument.badKind("be an array", value, remedy);
}

/** `value` as a list of our own, or a `TypeError` for anything but an array. */
export function checkedItems<T>(argument: Argument, value: readonly T[], remedy: string): T[] {
  checkArray(argument, value, remedy);
  return itemsOf(value);
}

function checkAgainst(argument: Argument, value: unknown, rule: NumberRule, orNull: string): number {
  if (typeof value === "number" && keeps(value, rule)) return value;
  const requirement = requirementOf(rule);
  if (typeof value !== "number") throw argument.badKind(`be ${requirement}${orNull}`, value, adviceFor(value));
  const remedy = rule.remedy ?? (Number.isNaN(value) ? "Look where it became NaN." : `Pass ${requirement}.`);
  throw argument.badValue(`be ${requirement}${orNull}`, value, remedy);
}

function keeps(value: number, { min = -Infinity, max = Infinity, above = -Infinity, integer }: NumberRule): boolean {
  if (!Number.isFinite(value) || (integer && !Number.isInteger(value))) return false;
  return value >= min && value <= max && value > above;
}

function requirementOf({ min, max, above, integer }: NumberRule): string {
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
