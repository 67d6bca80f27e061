// check/: what users hand over - arguments, lists, names, values of other realms -, errors and warnings about it.
//
// Checks of arguments at the border, shared by optimizers, schedules and constraints: each returns the value with its
// type, or throws an error of the form in errors.ts. What an argument may be is said by the caller.

import { isNumberArray } from "./built-ins.js";
import { badKind, badValue } from "./errors.js";
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
export function checkNumber(owner: string, argument: string, value: unknown, rule: NumberRule = {}): number {
  return checkAgainst(owner, argument, value, rule, "");
}

/** As `checkNumber`; `null`, which stands for Keras' None, is allowed too. */
export function checkNumberOrNull(
  owner: string,
  argument: string,
  value: unknown,
  rule: NumberRule = {},
): number | null {
  return value === null ? null : checkAgainst(owner, argument, value, rule, " or null");
}

/** `value` as an array of finite numbers that keep `rule`: arrays and typed arrays are copied, all else is refused. */
export function checkNumbers(owner: string, argument: string, value: unknown, rule: NumberRule = {}): number[] {
  const isNumbers = isNumberArray(value);
  if (isNumbers || Array.isArray(value)) {
    const items: unknown[] = isNumbers ? Array.from(new Float64Array(value)) : itemsOf(value);
    return items.map((item, i) => checkNumber(owner, `${argument}[${i}]`, item, rule));
  }
  throw badKind({ owner, argument, requirement: "be an array of numbers", received: value, remedy: "Pass an array." });
}

/** `value` as a boolean, or a `TypeError`: truthy values of other kinds are refused. */
export function checkBoolean(owner: string, argument: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw badKind({ owner, argument, requirement: "be true or false", received: value, remedy: adviceFor(value) });
}

/** `value` as a string, or a `TypeError`. */
export function checkString(owner: string, argument: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw badKind({ owner, argument, requirement: "be a string", received: value, remedy: adviceFor(value) });
}

/** `value` as one of some strings: a `TypeError` for anything but a string, a `RangeError` for another one. */
export function checkChoice<const T extends string>(
  owner: string,
  argument: string,
  value: unknown,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const requirement = `be ${choices.map((choice) => JSON.stringify(choice)).join(" or ")}`;
  const complaint = { owner, argument, requirement, received: value, remedy: "Pass one of them." };
  throw typeof value === "string" ? badValue(complaint) : badKind(complaint);
}

/** `value` as a name in Keras' sense: a string without `/`. */
export function checkName(owner: string, value: unknown): string {
  const name = checkString(owner, "name", value);
  if (!name.includes("/")) return name;
  const remedy = "Use another character: Keras keeps the slash for paths.";
  throw badValue({ owner, argument: "name", requirement: "be a string without /", received: name, remedy });
}

/**
 * `options` as an object that has no keys but `known`, and `passed`, of which no message speaks. A `TypeError` for anything but
 * a plain object and for the first unknown key, with the key that was most likely meant. `argument` is what the object itself
 * is called.
 */
export function checkKnownKeys(
  owner: string,
  options: unknown,
  known: readonly string[],
  argument = "options",
  passed: readonly string[] = [],
): object {
  if (Object.prototype.toString.call(options) !== "[object Object]") {
    const remedy = `Pass { ${known.slice(0, 2).join(", ")}${known.length > 2 ? ", ..." : ""} }.`;
    throw badKind({ owner, argument, requirement: "be one object", received: options, remedy });
  }
  const plain = options as object; // its tag says so
  for (const [key, received] of Object.entries(plain)) {
    if (known.includes(key) || passed.includes(key)) continue;
    const spell = (name: string): string => spelt(plain, name);
    const remedy = adviceForKey(key, known, spell);
    throw badKind({ owner, argument: spell(key), requirement: "be a known argument", received, remedy });
  }
  return plain;
}

/** `value` as a function, or a `TypeError`. */
export function checkFunction(owner: string, argument: string, value: unknown): void {
  if (typeof value === "function") return;
  throw badKind({ owner, argument, requirement: "be a function", received: value, remedy: "Pass a function." });
}

/** `value` as an array, or a `TypeError`. */
export function checkArray(owner: string, argument: string, value: unknown, remedy: string): void {
  if (!Array.isArray(value)) throw badKind({ owner, argument, requirement: "be an array", received: value, remedy });
}

/** `value` as a list of our own, or a `TypeError` for anything but an array. */
export function checkedItems<T>(owner: string, argument: string, value: readonly T[], remedy: string): T[] {
  checkArray(owner, argument, value, remedy);
  return itemsOf(value);
}

function checkAgainst(owner: string, argument: string, value: unknown, rule: NumberRule, orNull: string): number {
  if (typeof value === "number" && keeps(value, rule)) return value;
  const requirement = `be ${requirementOf(rule)}${orNull}`;
  if (typeof value !== "number") {
    throw badKind({ owner, argument, requirement, received: value, remedy: adviceFor(value) });
  }
  const remedy = rule.remedy ?? (Number.isNaN(value) ? "Look where it became NaN." : `Pass ${requirementOf(rule)}.`);
  throw badValue({ owner, argument, requirement, received: value, remedy });
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
