// The constraints of Variables, applied to what a step leaves. What they compute is in constraints/.
import type { Constraint, ConstraintFunction } from "../constraints/constraint.js";
import type { Call } from "../core/run/call.js";
import type { Target } from "../core/run/target.js";
import type { HostArray } from "../engine/engine.js";
import type { Variable } from "./variable.js";
import { isVariable, storageOf } from "./variable-memory.js";

/** Replaces variables that had a gradient by what their constraints, if they have any, make of them. */
export function constrain(targets: readonly Target<HostArray>[], { indices, gradients }: Call<HostArray>): void {
  for (let i = 0; i < indices.length; i++) {
    const target = targets[indices[i] ?? 0];
    const constraint = target === undefined || gradients[i] === null ? null : constraintOf(target);
    if (constraint === null) continue;
    const variable = target?.key as Variable; // nothing else has a constraint
    const { shape } = variable;
    const { view } = storageOf(variable);
    // Code of the user's may keep what it is given.
    const value = isForeign(constraint) ? view.slice() : view;
    variable.assign(typeof constraint === "function" ? constraint(value, shape) : constraint.call(value, shape));
  }
}

export const isConstrained = (target: Target<HostArray>): boolean => constraintOf(target) !== null;

/** Whether applying a variable's constraint may throw, as code of the user's may. */
export function mayThrow(target: Target<HostArray>): boolean {
  const constraint = constraintOf(target);
  return constraint !== null && isForeign(constraint);
}

/** Of a variable that takes its gradient, none is applied, as in Keras. */
function constraintOf({ key, overwriteWithGradient }: Target<HostArray>): Constraint | ConstraintFunction | null {
  return isVariable(key) && !overwriteWithGradient ? key.constraint : null;
}

/** Whether it is code of the user's. */
function isForeign(constraint: Constraint | ConstraintFunction): boolean {
  return typeof constraint === "function" || constraint.mayThrow || Object.hasOwn(constraint, "call");
}
