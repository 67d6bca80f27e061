// JSON from a stranger: a key that comes twice, `__proto__` as a key, long keys, very many values and very deep nesting are
// refused, which JSON.parse lets pass.

/** What JSON can hold. Objects have own properties only. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

const MAX_DEPTH = 32;
/** They are shown in messages. */
export const MAX_KEY: number = 2048;
/** How many keys an object may have. */
export const MAX_KEYS: number = 2 ** 17;
/** How many values a text may have, lists and objects included. */
export const MAX_VALUES: number = 2 ** 21;

/** The value of a JSON text. Throws a SyntaxError that says what is wrong, and where. */
export function parseStrictJson(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null };

class Reader {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Json {
    const start = this.#peek();
    if (++this.#values > MAX_VALUES) throw this.#error(`has more than ${MAX_VALUES} values`);
    if (depth > MAX_DEPTH) throw this.#error(`is nested more than ${MAX_DEPTH} deep`);
    if (start === "{") return this.#object(depth);
    if (start === "[") return this.#list("]", () => this.value(depth + 1));
    return start === '"' ? this.#string() : this.#scalar();
  }

  end(): void {
    if (this.#peek() !== "") throw this.#error("goes on after its end");
  }

  #object(depth: number): JsonObject {
    const keys = new Set<string>();
    const entries = this.#list("}", (): [string, Json] => {
      if (this.#peek() !== '"') throw this.#error("lacks a key");
      const key = this.#string();
      if (key.length > MAX_KEY) throw this.#error(`has a key of more than ${MAX_KEY} characters`);
      if (key === "__proto__") throw this.#error('has the key "__proto__"');
      if (keys.has(key)) throw this.#error(`has the key ${quoted(key)} twice`);
      keys.add(key);
      if (keys.size > MAX_KEYS) throw this.#error(`has an object of more than ${MAX_KEYS} keys`);
      this.#expect(":");
      return [key, this.value(depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  /** Items between the bracket where the reader stands and `close`. */
  #list<T>(close: string, item: () => T): T[] {
    this.#at++;
    const items: T[] = [];
    if (this.#peek() === close) {
      this.#at++;
      return items;
    }
    while (true) {
      items.push(item());
      if (this.#peek() === close) break;
      this.#expect(",");
    }
    this.#at++;
    return items;
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end > 0 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) throw this.#error("ends within a string");
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1));
    } catch {
      this.#at = start;
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
    SCALAR.lastIndex = this.#at;
    const [word] = SCALAR.exec(this.#text) ?? [];
    if (word === undefined) throw this.#error("has no value");
    this.#at += word.length;
    return word in WORDS ? (WORDS[word] ?? null) : Number(word);
  }

  #expect(character: string): void {
    if (this.#peek() !== character) throw this.#error(`lacks a "${character}"`);
    this.#at++;
  }

  /** The next character that is no space; "" at the end. */
  #peek(): string {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
    return this.#text[this.#at] ?? "";
  }

  #error(problem: string): SyntaxError {
    return new SyntaxError(`${problem} at character ${this.#at}`);
  }
}

/** A key as an error message shows it: never a long one. */
function quoted(key: string): string {
  return JSON.stringify(key.length > 60 ? `${key.slice(0, 57)}...` : key);
}
