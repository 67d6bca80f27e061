// Classes whose arguments stand in a table: their fields, and Keras' config of them, come from it.

import { type Argument, type Arguments, argumentsOf, type NumberRule } from "./argument.js";
import { camelCase, renameKeys, snakeCase } from "./names.js";

/** The arguments before one in its table, checked. */
export type EarlierArguments = Readonly<Record<string, unknown>>;

/** What an argument may be, and its value when it is not given: without one it has to be. */
interface ArgumentRule<T> extends NumberRule {
  /** One of those below, or another one. */
  readonly check: (argument: Argument, value: unknown, rule: NumberRule, earlier: EarlierArguments) => T;
  readonly default?: T;
}

/** Checks of a table: an argument is a number, a number or null, or a boolean. */
export const checkNumber = (argument: Argument, value: unknown, rule: NumberRule): number =>
  argument.number(value, rule);
export const checkBoolean = (argument: Argument, value: unknown): boolean => argument.boolean(value);
export const checkNumberOrNull = (argument: Argument, value: unknown, rule: NumberRule): number | null =>
  argument.numberOrNull(value, rule);

/** The rules of a class's arguments, in the order of Keras' config. */
export type ArgumentRules<Options extends object> = {
  readonly [Name in keyof Options]-?: ArgumentRule<Required<Options>[Name]>;
};

/** What classes of a table have besides their constructor. */
export interface TableStatics<Options extends object> {
  readonly className: string;
  /** An object with Keras' config (snake_case). Unknown keys are refused. */
  fromConfig<T>(this: new (options: Options) => T, config: object): T;
}

/** The arguments of a class: its options, the fields of its objects, and Keras' config of them. */
export class ArgumentTable<Options extends object> {
  readonly #argument: Arguments;
  readonly #rules: ArgumentRules<Options>;
  readonly #names: (keyof Options & string)[];

  constructor(owner: string, rules: ArgumentRules<Options>) {
    this.#argument = argumentsOf(owner);
    this.#rules = rules;
    this.#names = Object.keys(rules) as (keyof Options & string)[]; // the rules have no other keys
  }

  /** Options as fields: checked, with defaults. */
  fieldsOf(options: object): Readonly<Required<Options>> {
    this.#argument("options").keys(options, this.#names);
    const given = options as Readonly<Record<string, unknown>>; // whatever they are, they are checked now
    const fields: Record<string, unknown> = {};
    for (const [name, rule] of Object.entries<ArgumentRule<unknown>>(this.#rules)) {
      const value = given[name] === undefined ? rule.default : given[name];
      fields[name] = rule.check(this.#argument(name), value, rule, fields);
    }
    return fields as Required<Options>; // each was checked by the rule of its type
  }

  /** Keras' config of an object with these fields. */
  configOf(fields: Options): Record<string, unknown> {
    const copyOf = (value: unknown): unknown => (Array.isArray(value) ? [...value] : value);
    return Object.fromEntries(this.#names.map((name) => [snakeCase(name), copyOf(fields[name])]));
  }

  /** The reverse, known keys only, for the constructor, which is still to check the values. */
  optionsOf(config: object): Options {
    this.#argument("config").keys(config, this.#names.map(snakeCase));
    return renameKeys(config, camelCase) as Options; // Keys were checked here; values are checked by the constructor.
  }
}
