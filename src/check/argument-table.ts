// Classes whose arguments stand in a table: their fields, and Keras' config of them, come from it.

import { Argument, type NumberRule } from "./argument.js";
import { camelCase, renameKeys, snakeCase } from "./names.js";

/** What an argument may be, and its value when it is not given: without one it has to be. */
interface ArgumentRule<T> extends NumberRule {
  /** One of those below, or another one; `earlier` are the arguments before this one in the table. */
  readonly check: (
    argument: Argument,
    value: unknown,
    rule: NumberRule,
    earlier: Readonly<Record<string, unknown>>,
  ) => T;
  readonly default?: T;
}

/** Checks of a table: an argument is a number, a number or null, or a boolean. */
export const checkNumber = (argument: Argument, value: unknown, rule: NumberRule): number =>
  argument.number(value, rule);
export const checkBoolean = (argument: Argument, value: unknown): boolean => argument.boolean(value);
export const checkNumberOrNull = (argument: Argument, value: unknown, rule: NumberRule): number | null =>
  argument.numberOrNull(value, rule);

/** The arguments of a class, in the order of Keras' config. */
export type ArgumentTable<Options extends object> = {
  readonly [Name in keyof Options]-?: ArgumentRule<Required<Options>[Name]>;
};

/** What classes of a table have besides their constructor. */
export interface TableStatics<Options extends object> {
  readonly className: string;
  /** An object with Keras' config (snake_case). Unknown keys are refused. */
  fromConfig<T>(this: new (options: Options) => T, config: object): T;
}

/** `options` as the fields of an object: checked, with defaults. Errors are those of argument.ts. */
export function checkOptions<Options extends object>(
  owner: string,
  table: ArgumentTable<Options>,
  options: object,
): Readonly<Required<Options>> {
  new Argument(owner, "options").keys(options, namesOf(table));
  const given = options as Readonly<Record<string, unknown>>; // whatever they are, they are checked now
  const fields: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries<ArgumentRule<unknown>>(table)) {
    const value = given[name] === undefined ? rule.default : given[name];
    fields[name] = rule.check(new Argument(owner, name), value, rule, fields);
  }
  return fields as Required<Options>; // each was checked by the rule of its type
}

/** Keras' config of an object with the fields of the table. */
export function configByTable<Options extends object>(
  table: ArgumentTable<Options>,
  fields: Options,
): Record<string, unknown> {
  const copyOf = (value: unknown): unknown => (Array.isArray(value) ? [...value] : value);
  return Object.fromEntries(namesOf(table).map((name) => [snakeCase(name), copyOf(fields[name])]));
}

/** The reverse, known keys only, for the constructor, which is still to check the values. */
export function optionsByTable<Options extends object>(
  owner: string,
  table: ArgumentTable<Options>,
  config: object,
): Options {
  new Argument(owner, "config").keys(config, namesOf(table).map(snakeCase));
  return renameKeys(config, camelCase) as Options; // Keys were checked here; values are checked by the constructor.
}

function namesOf<Options extends object>(table: ArgumentTable<Options>): (keyof Options & string)[] {
  return Object.keys(table) as (keyof Options & string)[]; // a table has no other keys
}
