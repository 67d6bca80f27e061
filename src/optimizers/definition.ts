// optimizers/: one file for each optimizer, as data. Nothing else knows the formula of one.
//
// What makes an optimizer besides its rule: names, hyper-parameters with defaults and ranges, and their scalars.

import type { NumberRule } from "../check/arguments.js";
import type { Rule } from "../rule/rule.js";

/** An optimizer's own hyper-parameters by name, in camelCase. */
export type Hyper = Readonly<Record<string, number | boolean>>;

/** What the scalars of one step may depend on. */
export interface OptimizerStep {
  readonly learningRate: number;
  /** Updates made before this one; 0 in the first. */
  readonly iterations: number;
}

type Round = (value: number) => number;

/**
 * An optimizer in data: its rule, and how its hyper-parameters become the rule's scalars.
 *
 * Scalars are rounded to the variable's type for you; `round` is there for those that Keras computes in that type.
 */
export interface OptimizerDefinition<H extends Hyper = Hyper> {
  /** Keras' name of the class, also used in error messages and configs. */
  readonly className: string;
  /** The own hyper-parameters with their defaults; the type of each default is checked. */
  readonly defaults: H;
  /** Other defaults of base arguments than the usual ones. */
  readonly base?: { readonly learningRate?: number; readonly weightDecay?: number };
  /** Which numbers a hyper-parameter may be; without an entry, all finite ones. */
  readonly ranges?: { readonly [Name in keyof H]?: NumberRule };
  /** The rule, or a function that chooses one by facts: it must return the same object for the same facts. */
  readonly rule: Rule | RuleChoice<H>;
  /** The rule's scalars that stay the same for a run. */
  constants(hyper: H, round: Round): Readonly<Record<string, number>>;
  /** The rule's scalars that change from step to step, such as a bias correction. */
  perStep?(hyper: H, step: OptimizerStep, round: Round): Readonly<Record<string, number>>;
}

/** As a method's, its parameter may be the hyper-parameters of any optimizer: those that reach it are of its own defaults. */
type RuleChoice<H extends Hyper> = { choose(hyper: H): Rule }["choose"];

/** The rule of a definition for these hyper-parameters. */
export function ruleOf<H extends Hyper>({ rule }: OptimizerDefinition<H>, hyper: H): Rule {
  return typeof rule === "function" ? rule(hyper) : rule;
}
