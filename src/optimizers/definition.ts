// What an optimizer is: names, options, slots, scalars, rule. Everything around them is the same for all.
import type { NumberRule } from "../check/argument.js";
import type { ScalarOps } from "../rule/ops.js";
import type { Rule } from "../rule/rule.js";

interface Spelled {
  /** The key in Keras' JSON, by default the name in snake_case; null for an option that Keras does not have. */
  readonly keras?: string | null | undefined;
}

/** An option that is a number; without limits, any finite one. */
export interface NumberOption extends Spelled, Pick<NumberRule, "min" | "max" | "above" | "only" | "integer"> {
  readonly default: number;
}

/** An option that is on or off. */
export interface BooleanOption extends Spelled {
  readonly default: boolean;
}

/** An option that is one of some names. */
export interface ChoiceOption<T extends string = string> extends Spelled {
  readonly default: NoInfer<T>;
  readonly oneOf: readonly T[];
}

/** An option of an optimizer. */
export type Option = NumberOption | BooleanOption | ChoiceOption;

/** The options of an optimizer's own, by name. */
export type Options = Readonly<Record<string, Option>>;

/** The values of options, all of them there. */
export type Values<O extends Options = Options> = { readonly [Name in keyof O]: Value<O[Name]> };

type Value<T> = T extends { readonly oneOf: readonly (infer S)[] } ? S : T extends BooleanOption ? boolean : number;

/** The data that an interface of documented options asks for: one too many, too few or of another kind does not compile. */
export type OptionsOf<Own extends object> = { readonly [Name in keyof Own]-?: OptionFor<NonNullable<Own[Name]>> };

type OptionFor<T> = [T] extends [boolean]
  ? BooleanOption
  : [T] extends [number]
    ? NumberOption
    : ChoiceOption<T & string>;

/** The values of an optimizer's own options, whatever they are. */
export type Hyper = Values;

/** What the scalars of an update may depend on. */
export interface Now<V> {
  readonly learningRate: V;
  /** 1 in the first update. */
  readonly update: V;
  /** The numbers of the whole optimizer. */
  readonly state: Readonly<Record<string, V>>;
}

/** The scalars of an update, and the numbers of the whole optimizer after it. */
export interface Moved<V> {
  readonly scalars: Readonly<Record<string, V>>;
  readonly state?: Readonly<Record<string, V>> | undefined;
}

/** The optimizer of TensorFlow.js that this one takes the place of. */
export interface Namesake {
  readonly className: string;
  /** Options by the names that it has for them, where these are others. */
  readonly options: Readonly<Record<string, string>>;
  /** Slots by the names under which it saves them. */
  readonly slots: Readonly<Record<string, string>>;
}

/**
 * An optimizer as data.
 *
 * Numbers are rounded to the variable's type for you, each once: `constants` are double until then, and each operation of
 * `perStep` rounds.
 */
export interface OptimizerDefinition<O extends Options = Options, Fact extends string = string> {
  /** Keras' name of the class, also used in messages and configs. */
  readonly className: string;
  /** Keras' module of the class; without one, it is a class of your own. */
  readonly module?: string | undefined;
  /** The options of its own. */
  readonly options: O;
  /** Other defaults of base arguments than the usual ones. */
  readonly base?: { readonly learningRate?: number | undefined; readonly weightDecay?: number | undefined } | undefined;
  /**
   * The rule's slots in the order of Keras' variables. The names of one group alternate by variable (`m0, v0, m1, v1`), as
   * those of one call of Keras' `add_optimizer_variables` do; by default each slot is a group of its own.
   */
  slots?(values: Values<O>): readonly (readonly string[])[];
  /** First values of slots, where these are not 0: a number, or those of the variable. */
  initial?(values: Values<O>): Readonly<Record<string, number | "variable">>;
  /** Numbers of the whole optimizer with their first values; in Keras' list they come last. */
  readonly state?: Readonly<Record<string, number>> | undefined;
  /** The rule's scalars that stay the same for a run. */
  constants?(values: Values<O>): Readonly<Record<string, number>>;
  /** The rule's scalars that change from update to update, such as a bias correction. */
  perStep?<V>(op: ScalarOps<V>, values: Values<O>, now: Now<V>): Moved<V>;
  /** What the rule branches on. */
  facts?(values: Values<O>): Readonly<Record<Fact, boolean>>;
  /** The rule, or a function from the facts to one, asked once for equal facts. */
  readonly rule: Rule | RuleChoice<Fact>;
  readonly namesake?: Namesake | undefined;
}

/** Throws where a rule and its definition do not fit together. */
export type RuleCheck = (
  definition: OptimizerDefinition,
  values: Values,
  rule: Rule,
  constants: Readonly<Record<string, number>>,
) => void;

let ruleCheck: RuleCheck | null = null;

/** Has rules checked before they are used, from now on. Those of this package are checked by its tests. */
export function useRuleCheck(check: RuleCheck): void {
  ruleCheck = check;
}

/** Checks a rule if there can be rules of a user's own. */
export const checkIfOwn: RuleCheck = (...parts) => ruleCheck?.(...parts);

/** As a method's, its parameter may be the facts of any optimizer: those that reach it are its own. */
type RuleChoice<Fact extends string> = { choose(facts: Readonly<Record<Fact, boolean>>): Rule }["choose"];

const rules = new WeakMap<OptimizerDefinition, Map<string, Rule>>();

/** The rule of a definition for these values. Kernels are kept by their rule: equal facts give the same one. */
export function ruleOf(definition: OptimizerDefinition, values: Values): Rule {
  const { rule } = definition;
  if (typeof rule !== "function") return rule;
  const facts = definition.facts?.(values) ?? {};
  const known = rules.get(definition) ?? new Map<string, Rule>();
  rules.set(definition, known);
  const key = JSON.stringify(facts);
  const found = known.get(key) ?? rule(facts);
  known.set(key, found);
  return found;
}
