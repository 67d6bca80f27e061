// The constraints of Variables, applied to what a step leaves. What they compute is in constraints/.
import { Constraint, type ConstraintFunction } from "../constraints/constraint.js";
import type { Call } from "../core/run/call.js";
import type { Target } from "../core/run/target.js";
import type { HostArray } from "../engine/engine.js";
import { Variable } from "./variable.js";

/** Replaces variables that had a gradient by what their constraints, if they have any, make of them. */
export function constrain(targets: readonly Target<HostArray>[], { indices, gradients }: Call<HostArray>): void {
  for (let i = 0; i < indices.length; i++) {
    const key = targets[indices[i] ?? 0]?.key;
    if (gradients[i] === null || !Variable.isVariable(key) || key.overwriteWithGradient) continue;
    const { constraint, shape } = key;
    if (constraint === null) continue;
    // Code of the user's may keep what it is given.
    const value = isForeign(constraint) ? key.storage.view.slice() : key.storage.view;
    key.assign(constraint instanceof Constraint ? constraint.call(value, shape) : constraint(value, shape));
  }
}

/** Whether applying a variable's constraint may throw, as code of the user's may. */
export function mayThrow({ key }: Target<HostArray>): boolean {
  const constraint = Variable.isVariable(key) ? key.constraint : null;
  return constraint !== null && isForeign(constraint);
}

/** Whether it is code of the user's. */
function isForeign(constraint: Constraint | ConstraintFunction): boolean {
  return typeof constraint === "function" || constraint.mayThrow || Object.hasOwn(constraint, "call");
}
