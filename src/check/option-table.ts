// Options that stand in a table: their checks, their defaults and Keras' config of them come from it.

import { type Argument, type Arguments, argumentsOf, type NumberRule } from "./argument.js";
import { camelCase, renameKeys, snakeCase } from "./names.js";

/** Options past their check. (`Required` would leave the `undefined` that stands for one that is left out.) */
export type Resolved<Options extends object> = {
  readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined>;
};

/** The options before one in its table, checked. */
export type EarlierOptions = Readonly<Record<string, unknown>>;

/**
 * What an option may be, and its value when it is not given: without a default it has to be. The default says what kind of value it
 * is: a boolean, a name, a number, or null for a number that may be null; what is anything else has a check of its own.
 */
export interface OptionRule extends NumberRule {
  readonly default?: unknown;
  readonly oneOf?: readonly string[] | undefined;
  check?(argument: Argument, value: unknown, rule: NumberRule, earlier: EarlierOptions): unknown;
}

/** The rules of options, in the order of Keras' config. */
export type OptionRules<Options extends object> = {
  readonly [Name in keyof Options]-?: RuleOf<Resolved<Options>[Name]>;
};

type RuleOf<T> = OptionRule & { readonly default?: T } & ([T] extends [boolean | string | number | null]
    ? unknown
    : { check(argument: Argument, value: unknown, rule: NumberRule, earlier: EarlierOptions): T });

/** What classes of a table have besides their constructor. */
export interface TableStatics<Options extends object> {
  readonly className: string;
  /** An object with Keras' config (snake_case). Unknown keys are refused. */
  fromConfig<T>(this: new (options: Options) => T, config: object): T;
}

/** The options of a class, the fields of its objects, and Keras' config of them. */
export class OptionTable {
  readonly #argument: Arguments;
  readonly #rules: readonly (readonly [name: string, rule: OptionRule])[];
  readonly #names: readonly string[];

  constructor(owner: string, rules: Readonly<Record<string, OptionRule>>) {
    this.#argument = argumentsOf(owner);
    this.#rules = Object.entries(rules);
    this.#names = Object.keys(rules);
  }

  /** Options as fields: checked, with defaults. `passed` are keys that are somebody else's. */
  fieldsOf(options: object, passed: readonly string[] = []): Record<string, unknown> {
    this.#argument("options").keys(options, this.#names, passed);
    const given: Readonly<Record<string, unknown>> = { ...options };
    const fields: Record<string, unknown> = {};
    for (const [name, rule] of this.#rules) {
      const value = given[name] === undefined ? rule.default : given[name];
      fields[name] = checked(this.#argument(name), value, rule, fields);
    }
    return fields;
  }

  /** Keras' config of an object with these fields. */
  configOf(fields: object): Record<string, unknown> {
    const values: Readonly<Record<string, unknown>> = { ...fields };
    const copyOf = (value: unknown): unknown => (Array.isArray(value) ? [...value] : value);
    return Object.fromEntries(this.#names.map((name) => [snakeCase(name), copyOf(values[name])]));
  }

  /** The reverse, known keys only, for the constructor, which is still to check the values. */
  optionsOf<Options>(config: object): Options {
    this.#argument("config").keys(config, this.#names.map(snakeCase));
    return renameKeys(config, camelCase) as Options; // Keys were checked here; values are checked by the constructor.
  }
}

function checked(argument: Argument, value: unknown, rule: OptionRule, earlier: EarlierOptions): unknown {
  if (rule.check) return rule.check(argument, value, rule, earlier);
  if (rule.oneOf) return argument.choice(value, rule.oneOf);
  if (typeof rule.default === "boolean") return argument.boolean(value);
  if (typeof rule.default === "string") return argument.kerasName(value ?? rule.default);
  return rule.default === null ? argument.numberOrNull(value, rule) : argument.number(value, rule);
}
