// The scalars that a definition computes for each update, such as a bias correction, and the numbers of the whole optimizer.
import { Argument } from "../../check/argument.js";
import type { OptimizerDefinition, Values } from "../../optimizers/definition.js";
import { numberOps } from "../../rule/numbers.js";
import type { DType } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import type { ScalarValues } from "../../rule/scalars.js";

/** The numbers of the whole optimizer, by name. */
export type OptimizerState = Readonly<Record<string, number>>;

/**
 * Puts the scalars of an update in their places, and gives the state after it. None may be missing, lest the last update's
 * number be taken, and none be anything but a number.
 */
export type Refresh = (dtype: DType, scalars: ScalarValues, update: number, state: OptimizerState) => OptimizerState;

export function ownScalarsOf(definition: OptimizerDefinition, values: Values, rule: Rule, constants: object): Refresh {
  // Those that nothing but `perStep` gives.
  const needed = new Set(rule.scalars.filter((name) => !(name in constants)));
  return (dtype, scalars, update, state) => {
    if (!definition.perStep) return state;
    const op = numberOps(dtype);
    const now = { learningRate: scalars.get("learningRate"), update: op.constant(update), state };
    const moved = definition.perStep(op, values, now);
    for (const name of rule.scalars) {
      const value = moved.scalars[name];
      if (typeof value === "number") scalars.set(name, value);
      else if (value !== undefined || needed.has(name))
        throw badScalar(new Argument(definition.className, name), value);
    }
    return moved.state ?? state;
  };
}

/** The error for a scalar that the rule needs and does not get. */
export function badScalar(argument: Argument, received: unknown): TypeError {
  return argument.badKind("be a number, as a scalar of the rule", received, "Return it from constants or perStep.");
}
