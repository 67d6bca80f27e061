// JSON as Python writes it (NaN and Infinity are numbers), read strictly: no key twice, none that could reach a prototype,
// no depth without end.
import { textOf } from "./cursor.js";
import { damaged, refused } from "./errors.js";
import { checkLimit, type ResolvedLimits } from "./limits.js";

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];

/** The value of a JSON member. `what` is how errors call it. */
export function parseJson(bytes: Uint8Array, what: string, limits: ResolvedLimits): unknown {
  checkLimit(limits, "jsonByteLength", bytes.length, what);
  return new Parser(textOf(bytes, what), what, limits).document();
}

class Parser {
  readonly #text: string;
  readonly #what: string;
  readonly #limits: ResolvedLimits;
  #at = 0;
  #depth = 0;

  constructor(text: string, what: string, limits: ResolvedLimits) {
    this.#text = text;
    this.#what = what;
    this.#limits = limits;
  }

  document(): unknown {
    const value = this.#value();
    if (this.#at < this.#text.length) throw this.#wrong();
    return value;
  }

  /** A value with the space around it. */
  #value(): unknown {
    this.#match(SPACE);
    const value = this.#bare();
    this.#match(SPACE);
    return value;
  }

  #bare(): unknown {
    const first = this.#text[this.#at];
    if (first === "{") return this.#nested(() => this.#object());
    if (first === "[") return this.#nested(() => this.#array());
    if (first === '"') return this.#string();
    const word = WORDS.find(([name]) => this.#text.startsWith(name, this.#at));
    if (word !== undefined) {
      this.#at += word[0].length;
      return word[1];
    }
    const number = this.#match(NUMBER);
    if (number === "") throw this.#wrong();
    return Number(number);
  }

  #nested<T>(read: () => T): T {
    checkLimit(this.#limits, "depth", ++this.#depth, `the nesting of ${this.#what}`);
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#items("}", () => {
      this.#match(SPACE);
      const key = this.#string();
      if (FORBIDDEN_KEYS.has(key)) throw refused(`${this.#what} has the key ${key}`);
      if (Object.hasOwn(object, key)) throw refused(`${this.#what} has the key ${JSON.stringify(key)} twice`);
      this.#match(SPACE);
      if (!this.#take(":")) throw this.#wrong();
      object[key] = this.#value();
    });
    return object;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    this.#items("]", () => array.push(this.#value()));
    return array;
  }

  /** What stands between commas, up to the bracket that ends it. */
  #items(end: string, read: () => void): void {
    this.#match(SPACE);
    if (this.#take(end)) return;
    do read();
    while (this.#take(","));
    if (!this.#take(end)) throw this.#wrong();
  }

  #string(): string {
    const literal = this.#text.slice(this.#at, this.#endOfString());
    try {
      const text = JSON.parse(literal) as string; // from quote to quote it is nothing else
      this.#at += literal.length;
      return text;
    } catch {
      throw this.#wrong();
    }
  }

  /** After the quote that ends the string which begins here. */
  #endOfString(): number {
    if (this.#text[this.#at] !== '"') throw this.#wrong();
    for (let end = this.#at + 1; ; end++) {
      end = this.#text.indexOf('"', end);
      if (end < 0) throw this.#wrong();
      let escapes = 0;
      while (this.#text[end - 1 - escapes] === "\\") escapes++;
      if (escapes % 2 === 0) return end + 1;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #wrong(): Error {
    return damaged(`${this.#what} is no JSON: something is wrong at character ${this.#at}`);
  }
}
