// Which optimizer trains a variable: by its path, or by a regular expression of Python that matches all of it. What an optimizer
// is, a face says, which extends this class.
import { type Argument, argumentsOf, Verbatim } from "../../check/argument.js";
import { isErrorNamed } from "../../check/built-ins.js";
import { INSPECT, type Inspect } from "../../check/inspect.js";
import { warnOnce } from "../../check/warn.js";
import { pythonFullMatch } from "../python-pattern.js";
import {
  type Configured,
  checkConfig,
  type KerasConfig,
  type SerializedObject,
  serializeOptimizer,
} from "../serialization.js";

/** Keras' name of the class. */
export const OPTIMIZER_MAP = "OptimizerMap";

const argumentOf = argumentsOf(OPTIMIZER_MAP);

/** Optimizers by patterns: an object, or anything that gives pairs, such as a Map. */
export type OptimizersByPattern<O> = Readonly<Record<string, O>> | Iterable<readonly [string, O]>;

interface Entry<O> {
  readonly optimizer: O;
  readonly matches: (path: string) => boolean;
}

/**
 * Optimizers by the paths of variables. A key is a path, or a regular expression of Python that matches a whole path, as in
 * Keras: `"encoder/.*"` takes all of `encoder/`, `"encoder"` nothing but a variable of that name. Paths that match no key have
 * the default.
 */
export abstract class OptimizersByPath<O extends object> {
  readonly defaultOptimizer: O;
  readonly #entries = new Map<string, Entry<O>>();

  /** Throws a RangeError for a key that is there twice, a TypeError for what is no optimizer of this face. */
  constructor(defaultOptimizer: O, optimizers: OptimizersByPattern<O> | null = {}) {
    this.defaultOptimizer = this.checked(argumentOf("defaultOptimizer"), defaultOptimizer);
    for (const [key, optimizer] of entriesOf(optimizers)) this.set(key, optimizer);
  }

  /** The optimizer that a path gets; an error for anything else than one of this face that can be a part. @internal */
  protected abstract checked(argument: Argument, optimizer: unknown): O;

  /** The number of keys, without the default. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The optimizer for a path: that of the key that is this path, else that of the key that matches it, else the default. Throws
   * a RangeError where two match.
   */
  get(path: string): O {
    const { optimizer } = this.#entries.get(argumentOf("path").string(path)) ?? {};
    if (optimizer !== undefined) return optimizer;
    const matching = [...this.#entries].filter(([, entry]) => entry.matches(path));
    const [first, second] = matching;
    if (first === undefined) return this.defaultOptimizer;
    if (second === undefined) return first[1].optimizer;
    const keys = matching.map(([key]) => JSON.stringify(key)).join(" and ");
    const remedy = `Make one of them narrower, or add the key ${JSON.stringify(path)} itself, which wins.`;
    throw argumentOf("path").badValue(`match one key; ${keys} match it`, path, remedy);
  }

  /** Whether a key is there, as it is written; no path is matched. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Adds a key. Throws a RangeError, as Keras does, for one that is there already: delete it first. */
  set(key: string, optimizer: O): this {
    const argument = argumentOf("key");
    const pattern = argument.string(key);
    if (this.#entries.has(pattern)) {
      throw argument.badValue("be new", pattern, "Use no key twice; delete(key) takes one away.");
    }
    const matches = matcherOf(argument, pattern);
    this.#entries.set(pattern, { optimizer: this.checked(argumentOf("optimizer"), optimizer), matches });
    return this;
  }

  /** Takes a key away, and says whether it was there. */
  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  /** The keys in the order in which they came. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Their optimizers, without the default. */
  values(): IterableIterator<O> {
    return [...this.#entries.values()].map(({ optimizer }) => optimizer).values();
  }

  /** Pairs of a key and its optimizer. */
  entries(): IterableIterator<[string, O]> {
    return [...this.#entries].map(([key, { optimizer }]): [string, O] => [key, optimizer]).values();
  }

  /** As `entries()`. */
  [Symbol.iterator](): IterableIterator<[string, O]> {
    return this.entries();
  }

  /** Keras' own JSON, each optimizer's within it. */
  getConfig(): KerasConfig {
    return {
      default_optimizer: serializeOptimizer(asConfigured(this.defaultOptimizer)),
      optimizer_map: Object.fromEntries([...this].map(([key, each]) => [key, serializeOptimizer(asConfigured(each))])),
    };
  }

  /** Its keys and optimizers, for a console. @internal */
  [INSPECT](_depth: number, settings: object, inspect: Inspect): string {
    const { defaultOptimizer } = this;
    return `${this.constructor.name} ${inspect({ ...Object.fromEntries(this), defaultOptimizer }, settings)}`;
  }
}

/** Warns of keys that match none of these paths: a mistyped one would leave variables to the default without a word. */
export function warnOfIdleKeys(map: OptimizersByPath<object>, paths: readonly string[]): void {
  const idle = [...map.keys()].filter((key) => {
    const matches = matcherOf(argumentOf("key"), key);
    return !paths.some((path) => path === key || matches(path));
  });
  if (idle.length === 0) return;
  const keys = idle.map((key) => JSON.stringify(key)).join(", ");
  const shown = paths.slice(0, 5).join(", ") + (paths.length > 5 ? ` and ${paths.length - 5} more` : "");
  warnOnce(`${OPTIMIZER_MAP}: no path is matched by ${keys}. Paths are ${shown}; a key has to match a whole one.`);
}

/** The optimizers of a map's config, each made by `create`. */
export function optimizersFrom<O>(
  config: KerasConfig,
  create: (argument: Argument, serialized: unknown) => O,
): [defaultOptimizer: O, optimizers: [string, O][]] {
  checkConfig(argumentOf("config"), config);
  argumentOf("config").keys(config, [DEFAULT, MAP, PATTERNS]);
  const { [MAP]: map, [DEFAULT]: first } = config;
  if (typeof map !== "object" || map === null) {
    throw argumentOf(MAP).badKind("be an object", map, "Pass what getConfig() returned.");
  }
  const keys = keysOf(Object.keys(map), config[PATTERNS]);
  const optimizers = Object.entries(map).map(([key, each]): [string, O] => [
    keys.get(key) ?? key,
    create(argumentOf(MAP), each),
  ]);
  return [create(argumentOf(DEFAULT), first), optimizers];
}

const DEFAULT = "default_optimizer";
const MAP = "optimizer_map";
const PATTERNS = "patterns";

/** A config that keeps its keys where a program spells the keys of JSON anew, as TensorFlow.js does; Keras passes it over. */
export function withPatterns(config: KerasConfig): KerasConfig {
  return { ...config, [PATTERNS]: Object.keys(Object(config[MAP])).map((name) => ({ name })) };
}

/** The keys as they were, of those that may have been spelt anew. */
function keysOf(spelt: readonly string[], patterns: unknown): ReadonlyMap<string, string> {
  if (!Array.isArray(patterns)) return new Map();
  const names = patterns.map((pattern) => String(Object(pattern).name));
  const keys = spelt.map((key): [string, string] => {
    const found = names.filter((name) => name === key || plainOf(name) === plainOf(key));
    const exact = found.includes(key) ? [key] : found;
    return [key, exact.length === 1 ? (exact[0] ?? key) : ""];
  });
  const isClear = keys.length === names.length && new Set(keys.map(([, key]) => key)).size === names.length;
  if (isClear && !keys.some(([, key]) => key === "")) return new Map(keys);
  const received = new Verbatim(names.map((name) => JSON.stringify(name)).join(", "));
  const remedy = "Make the optimizer anew: keys that differ by nothing but _ and case cannot be told apart there.";
  throw argumentOf(PATTERNS).badValue("be the keys of optimizer_map", received, remedy);
}

const plainOf = (key: string): string => key.replaceAll("_", "").toLowerCase();

/** A map as Keras' `serialize_keras_object` writes it. */
export function serializeMap(map: OptimizersByPath<object>): SerializedObject {
  return { module: "keras.optimizers", class_name: OPTIMIZER_MAP, config: map.getConfig(), registered_name: null };
}

/** An optimizer of a face, which each of them has checked. */
const asConfigured = (optimizer: object): Configured => optimizer as Configured;

function entriesOf<O>(optimizers: OptimizersByPattern<O> | null): [string, O][] {
  const bad = (received: unknown): TypeError => {
    const remedy = 'Pass { "encoder/.*": optimizer }, or a Map.';
    return argumentOf("optimizers").badKind("be an object of optimizers by their keys", received, remedy);
  };
  if (optimizers === null) return [];
  if (typeof optimizers !== "object") throw bad(optimizers);
  const pairs: readonly unknown[] = isIterable(optimizers) ? [...optimizers] : Object.entries(optimizers);
  return pairs.map((pair) => {
    if (Array.isArray(pair) && pair.length === 2) return pair as [string, O]; // `set` checks both
    throw bad(pair);
  });
}

const isIterable = (value: object): value is Iterable<unknown> =>
  Symbol.iterator in value && typeof value[Symbol.iterator] === "function";

function matcherOf(argument: Argument, pattern: string): (path: string) => boolean {
  try {
    return pythonFullMatch(pattern);
  } catch (error) {
    if (!isErrorNamed("SyntaxError", error)) throw error;
    const remedy = "Write it without that, or give MultiOptimizer a function instead of a map.";
    throw argument.badValue("be a regular expression of Python that JavaScript can match alike", pattern, remedy);
  }
}
