// A rule of one's own, tried once on names instead of numbers: what it declares, reads and returns must fit together.

import { Argument, argumentsOf } from "../../check/argument.js";
import { type OptimizerDefinition, type RuleCheck, useRuleCheck, type Values } from "../../optimizers/definition.js";
import { numberOps } from "../../rule/numbers.js";
import type { Ops } from "../../rule/ops.js";
import type { Rule } from "../../rule/rule.js";
import { badScalar } from "./run-scalars.js";

const checked = new WeakSet<Rule>();

/** The scalars that a definition gives, by name: whatever it gives. */
type Scalars = Readonly<Record<string, unknown>>;

/** Returns what it is given, through which rules of a user's own come in: from now on rules are checked before their first use. */
export function forOwnRules<T>(entrance: T): T {
  useRuleCheck(checkRule);
  return entrance;
}

/** Throws when a rule reads, returns or needs what it did not declare, or a scalar is not given. */
export const checkRule: RuleCheck = (definition, values, rule, constants) => {
  const argument = argumentsOf(definition.className);
  checkScalars(definition, values, rule, constants);
  if (checked.has(rule)) return;
  const { slots, update } = rule;
  const twice = slots.find((slot, i) => ["variable", "gradient", ...slots.slice(0, i)].includes(slot));
  if (twice !== undefined) throw badRule(argument("slots"), "be names that are not taken", twice);
  if (typeof update !== "function") throw badRule(argument("update"), "be a function", update);
  const inputs = declared(argument("slots"), ["variable", "gradient", ...slots]);
  const scalars = declared(argument("scalars"), ["learningRate", ...rule.scalars]);
  const outputs: unknown = rule.update(NAMES, inputs, scalars);
  const known = ["variable", ...slots];
  const isObject = typeof outputs === "object" && outputs !== null;
  const given: [string, unknown][] = isObject ? Object.entries(outputs) : [["nothing", undefined]];
  const wrong = given.find(([name, value]) => !known.includes(name) || value === undefined);
  if (wrong) throw badRule(argument("update"), `return values of ${known.join(", ")} only`, wrong[0]);
  checked.add(rule);
};

function checkScalars(definition: OptimizerDefinition, values: Values, rule: Rule, constants: Scalars): void {
  const { className, state = {} } = definition;
  const sample = { learningRate: 0.001, update: 1, state };
  const changing: Scalars = definition.perStep?.(numberOps("float32"), values, sample).scalars ?? {};
  const given = { ...constants, ...changing };
  const missing = rule.scalars.find((name) => typeof given[name] !== "number");
  if (missing !== undefined) throw badScalar(new Argument(className, missing), given[missing]);
}

function badRule(argument: Argument, requirement: string, received: unknown): TypeError {
  return argument.badKind(requirement, received, "Declare what update reads and returns, once.");
}

/** The names as their own values; any other name is an error. */
function declared(argument: Argument, names: readonly string[]): Record<string, string> {
  return new Proxy<Record<string, string>>(NOTHING, {
    get: (_, name) => {
      if (names.includes(String(name))) return String(name);
      if (typeof name !== "string") return undefined;
      throw badRule(argument, `name everything that update reads; it knows ${names.join(", ")}`, name);
    },
  });
}

const NOTHING = {};

/** `Ops` over names: every result is some name. */
const NAMES: Ops<string> = {
  ...{ constant: String, add: first, sub: first, mul: first, div: first, min: first, max: first },
  ...{ sqrt: first, abs: first, clamp: first, lessOrEqual: first, select: first },
};

function first(name: string): string {
  return name;
}
