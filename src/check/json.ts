// JSON from a stranger: a key that comes twice, `__proto__` as a key, long keys, very many values and very deep nesting are
// refused, which JSON.parse lets pass.

import { quoted } from "./argument.js";

/** What JSON can hold. Objects have own properties only. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** What a text may hold. */
export interface JsonRules {
  /** How deep lists and objects may be nested: a hundred levels take a few hundred frames of the stack. */
  readonly depth: number;
  /** How many values the text may have, lists and objects included. */
  readonly values: number;
  /** How many keys an object may have. */
  readonly keys: number;
  /** How many characters a key may have: it is shown in messages. */
  readonly keyLength: number;
  /** Whether `constructor` and `prototype` are keys like others. */
  readonly takesConstructor: boolean;
  /** Whether NaN, Infinity and -Infinity are numbers, as Python writes them. */
  readonly isPython: boolean;
}

export const JSON_RULES: JsonRules = {
  ...{ depth: 32, values: 2 ** 21, keys: 2 ** 17, keyLength: 2048 },
  ...{ takesConstructor: true, isPython: false },
};

/** Says what is wrong with a text, and where: `lacks a ":" at character 7`. */
export class JsonError extends SyntaxError {
  /** It is no JSON, has a key that is never read, or goes over its budget or depth. */
  readonly problem: "syntax" | "key" | "budget" | "depth";

  constructor(message: string, problem: JsonError["problem"]) {
    super(message);
    this.problem = problem;
  }
}

/** The value of a JSON text. Throws a JsonError. */
export function parseJson(text: string, rules: Partial<JsonRules> = {}): Json {
  return new Reader(text, { ...JSON_RULES, ...rules }).document();
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const REFUSED_KEYS = new Set(["__proto__", "constructor", "prototype"]);
const SPACE = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PYTHON_SCALAR = new RegExp(`NaN|-?Infinity|${SCALAR.source}`, "y");

class Reader {
  readonly #text: string;
  readonly #rules: JsonRules;
  #at = 0;
  #values = 0;
  #depth = 0;

  constructor(text: string, rules: JsonRules) {
    this.#text = text;
    this.#rules = rules;
  }

  document(): Json {
    const value = this.#value();
    if (this.#peek() !== "") throw this.#error("goes on after its end");
    return value;
  }

  #value(): Json {
    const start = this.#peek();
    const { values } = this.#rules;
    if (++this.#values > values) throw this.#error(`has more than ${values} values`, "budget");
    if (start === "{") return this.#object();
    if (start === "[") return this.#list();
    return start === '"' ? this.#string() : this.#scalar();
  }

  #object(): JsonObject {
    const object: Record<string, Json> = {};
    let [count, room] = [0, 0];
    this.#items("}", () => {
      const key = this.#key();
      // Engines take room for all the numbers before one that is a key, unless it is far away.
      const index = /^\d{1,4}$/.test(key) ? Number(key) : 0;
      this.#values += Math.max(0, index - room);
      room = Math.max(index, room);
      if (Object.hasOwn(object, key)) throw this.#error(`has the key ${quoted(key)} twice`, "key");
      const { keys } = this.#rules;
      if (++count > keys) throw this.#error(`has an object of more than ${keys} keys`, "budget");
      if (!this.#take(":")) throw this.#error('lacks a ":"');
      object[key] = this.#value();
    });
    return object;
  }

  #key(): string {
    if (this.#peek() !== '"') throw this.#error("lacks a key");
    const key = this.#string();
    const { keyLength, takesConstructor } = this.#rules;
    if (key.length > keyLength) throw this.#error(`has a key of more than ${keyLength} characters`, "budget");
    const isRefused = REFUSED_KEYS.has(key) && !(takesConstructor && key !== "__proto__");
    if (isRefused) throw this.#error(`has the key ${key}`, "key");
    return key;
  }

  #list(): Json[] {
    const list: Json[] = [];
    this.#items("]", () => list.push(this.#value()));
    return list;
  }

  /** What stands between commas, from the bracket where the reader stands to `close`. */
  #items(close: string, read: () => void): void {
    const { depth } = this.#rules;
    if (++this.#depth > depth) throw this.#error(`is nested more than ${depth} deep`, "depth");
    this.#at++;
    if (!this.#take(close)) {
      do read();
      while (this.#take(","));
      if (!this.#take(close)) throw this.#error('lacks a ","');
    }
    this.#depth--;
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end > 0 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) throw this.#error("ends within a string");
    try {
      const text: string = JSON.parse(this.#text.slice(start, end + 1));
      this.#at = end + 1;
      return text;
    } catch {
      throw this.#error("has a string with a character that must be escaped");
    }
  }

  /** An odd number of backslashes before it. */
  #isEscaped(quote: number): boolean {
    let at = quote;
    while (this.#text[at - 1] === "\\") at--;
    return (quote - at) % 2 === 1;
  }

  #scalar(): Json {
    const pattern = this.#rules.isPython ? PYTHON_SCALAR : SCALAR;
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) throw this.#error("has no value");
    const word = this.#text.slice(this.#at, pattern.lastIndex);
    this.#at = pattern.lastIndex;
    return /^[tfn]/.test(word) ? JSON.parse(word) : Number(word);
  }

  /** Whether this character comes next; if so, it is passed. */
  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  /** The next character that is no space; "" at the end. */
  #peek(): string {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text); // which it always does
    this.#at = SPACE.lastIndex;
    return this.#text[this.#at] ?? "";
  }

  #error(text: string, problem: JsonError["problem"] = "syntax"): JsonError {
    return new JsonError(`${text} at character ${this.#at}`, problem);
  }
}
