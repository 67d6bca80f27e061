// Names and their spellings: Keras' snake_case, ours in camelCase, what a misspelt name was meant to be, class names.
import { isPlainObject } from "./built-ins.js";

/** Keras' spelling of one of our names: `"useEma"` gives `"use_ema"`; `"clipnorm"` stays. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]|(?<=[a-z])\d+/g, (part) => `_${part.toLowerCase()}`);
}

/** Our spelling of one of Keras' names: `"use_ema"` gives `"useEma"`; `"clipnorm"` stays. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The name of what was given none, by its number: `"variable"`, `"variable_1"`, ... */
export const variableName = (number: number): string => (number === 0 ? "variable" : `variable_${number}`);

/** A copy of `object` whose own keys went through `rename`; the values are the same, and so is the order. */
export function renameKeys(object: object, rename: (key: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [rename(key), value]));
}

/** A copy of JSON whose keys went through `rename` at every depth. */
export function renameKeysDeep(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeysDeep(item, rename));
  if (!isPlainObject(value)) return value; // an instance of a class is no JSON
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), renameKeysDeep(item, rename)]));
}

/** What other libraries call the arguments: `lr` is also Keras' own of long ago. */
const OTHER_NAMES: Readonly<Record<string, string>> = { lr: "learningRate", alpha: "rho", eps: "epsilon" };

/** Names that others have for some of these, Keras in Python among them: each with the one that is meant. */
export function otherNamesOf(known: readonly string[]): [name: string, meant: string][] {
  const snake = known.map((name): [string, string] => [snakeCase(name), name]);
  return [...snake, ...Object.entries(OTHER_NAMES)].filter(([name, meant]) => name !== meant && known.includes(meant));
}

/** What Keras 2 wrote into every config, and Keras 3 refuses. */
const GONE: readonly string[] = ["jitcompile", "islegacyoptimizer"];

/** What to do about a key that is not known. `spell` gives a known one as the user would write it. */
export function adviceForKey(key: string, known: readonly string[], spell: (name: string) => string): string {
  if (GONE.includes(plainOf(key))) return "Leave it out: Keras 3 has no such argument.";
  const meant = nearestName(key, known);
  return meant === null ? `Known are: ${known.map(spell).join(", ") || "none"}.` : `Did you mean ${spell(meant)}?`;
}

/**
 * The known name that `name` was most likely meant to be, or `null` when none is near. Case and underscores do not
 * count, so that `learning_rate` finds `learningRate`; apart from these a third of the letters may be wrong, or it may be
 * the name that another library has for it.
 */
export function nearestName(name: string, known: readonly string[]): string | null {
  const other = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
  if (other !== undefined && known.includes(other)) return other;
  const plain = plainOf(name);
  let nearest: string | null = null;
  let least = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of known) {
    const other = plainOf(candidate);
    if (Math.abs(plain.length - other.length) >= least) continue; // a long name would take long
    const distance = editDistance(plain, other);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/**
 * The name under which saved configs know a class: its own static `className`, or else the name of the class itself.
 * A class that may be minified needs the former. An inherited `className` does not count, as in Python.
 */
export function classNameOf(type: { readonly name: string; readonly className?: string }): string {
  return (Object.hasOwn(type, "className") ? type.className : undefined) ?? type.name;
}

const plainOf = (name: string): string => name.replaceAll("_", "").toLowerCase();

// Levenshtein: how many letters to insert, drop or change; one row of the table is kept.
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
