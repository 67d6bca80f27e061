// A rule of one's own, tried once on names instead of numbers: what it declares, reads and returns must fit together.

import { badKind, badValue } from "../../check/errors.js";
import type { Hyper, OptimizerDefinition } from "../../optimizers/definition.js";
import type { Ops } from "../../rule/ops.js";
import type { Rule } from "../../rule/rule.js";

const checked = new WeakSet<Rule>();

/** Throws when a rule reads, returns or needs what it did not declare, or a scalar is not given. */
export function checkRule(definition: OptimizerDefinition, hyper: Hyper, rule: Rule): void {
  const owner = definition.className;
  checkScalars(definition, hyper, rule);
  if (checked.has(rule)) return;
  if (typeof rule.update !== "function") {
    const remedy = "See defineRule.";
    throw badKind({ owner, argument: "update", requirement: "be a function", received: rule.update, remedy });
  }
  checkSlots(owner, rule.slots);
  const inputs = ["variable", "gradient", ...rule.slots];
  const outputs: unknown = rule.update(
    NAMES,
    declared(owner, "slots", inputs),
    declared(owner, "scalars", ["learningRate", ...rule.scalars]),
  );
  checkOutputs(owner, outputs, ["variable", ...rule.slots]);
  checked.add(rule);
}

function checkScalars({ className: owner, constants, perStep }: OptimizerDefinition, hyper: Hyper, rule: Rule): void {
  const sample = { learningRate: 0.001, iterations: 0 };
  const given: Readonly<Record<string, unknown>> = {
    ...constants(hyper, Math.fround),
    ...perStep?.(hyper, sample, Math.fround),
  };
  for (const argument of rule.scalars) {
    if (typeof given[argument] !== "number") throw badScalar(owner, argument, given[argument]);
  }
}

/** The error for a scalar that the rule needs and does not get. */
export function badScalar(owner: string, argument: string, received: unknown): TypeError {
  const requirement = "be a number, as a scalar of the rule";
  return badKind({ owner, argument, requirement, received, remedy: "Return it from constants or perStep." });
}

function checkSlots(owner: string, slots: readonly string[]): void {
  const taken = ["variable", "gradient"];
  for (const slot of slots) {
    if (taken.includes(slot)) {
      const remedy = "Give it another name.";
      throw badValue({ owner, argument: "slots", requirement: "be names that are not taken", received: slot, remedy });
    }
    taken.push(slot);
  }
}

function checkOutputs(owner: string, outputs: unknown, known: readonly string[]): void {
  const argument = "update";
  if (typeof outputs !== "object" || outputs === null) {
    const remedy = "Return { variable, ...slots }.";
    throw badKind({ owner, argument, requirement: "return an object", received: outputs, remedy });
  }
  for (const [name, value] of Object.entries(outputs)) {
    if (known.includes(name) && value !== undefined) continue;
    const requirement = `return values of ${known.join(", ")} only`;
    throw badKind({
      owner,
      argument,
      requirement,
      received: name,
      remedy: "Declare it in slots, or correct its name.",
    });
  }
}

/** The names as their own values; any other name is an error. */
function declared(owner: string, argument: string, names: readonly string[]): Record<string, string> {
  const values = Object.fromEntries(names.map((name) => [name, name]));
  return new Proxy(values, {
    get: (target, name) => {
      if (typeof name !== "string" || Object.hasOwn(target, name)) return target[String(name)];
      const requirement = `name everything that update reads; it knows ${names.join(", ")}`;
      throw badKind({ owner, argument, requirement, received: name, remedy: "Declare it." });
    },
  });
}

/** `Ops` over names: every result is some name. */
const NAMES: Ops<string> = {
  ...{ constant: String, add: first, sub: first, mul: first, div: first, min: first, max: first },
  ...{ sqrt: first, abs: first, clamp: first, lessOrEqual: first, select: first },
};

function first(name: string): string {
  return name;
}
