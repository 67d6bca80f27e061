// Variables that take their gradient as the new value instead of a step along it: Keras' `overwrite_with_gradient`.
import { ACCUMULATOR } from "./plan.js";
import type { Rule } from "./rule.js";

/** What becomes of such a gradient: the value itself; or, under accumulation, the largest since the last update does. */
export type Overwriting = "take" | "gatherLargest" | "takeLargest";

const UPDATES: Readonly<Record<Overwriting, Omit<Rule<typeof ACCUMULATOR, never>, "scalars">>> = {
  take: { slots: [], update: (_op, x) => ({ variable: x.gradient }) },
  gatherLargest: { slots: [ACCUMULATOR], update: (op, x) => ({ [ACCUMULATOR]: op.max(x.gradient, x[ACCUMULATOR]) }) },
  takeLargest: {
    slots: [ACCUMULATOR],
    update: (op, x) => ({ variable: op.max(x.gradient, x[ACCUMULATOR]), [ACCUMULATOR]: op.constant(0) }),
  },
};

const rules = new WeakMap<Rule, Partial<Record<Overwriting, Rule>>>();
const made = new WeakSet<Rule>();

/** Whether a rule is one of these. */
export const isOverwriting = (rule: Rule): boolean => made.has(rule);

/** The rule of variables beside those of `rule`, whose scalars it shares: always the same one. */
export function overwritingRule(rule: Rule, overwriting: Overwriting): Rule {
  const known = rules.get(rule) ?? {};
  rules.set(rule, known);
  known[overwriting] ??= { ...UPDATES[overwriting], scalars: rule.scalars };
  made.add(known[overwriting]);
  return known[overwriting];
}
