// A constraint as Keras' JSON has it, made again: Keras' four, and what the user passes.
import type { Argument } from "../check/argument.js";
import type { Constraint, ConstraintFunction } from "../constraints/constraint.js";
import * as constraints from "../constraints/index.js";
import { functionNamed } from "./saved-functions.js";
import { type CustomObjects, classNamed, isOfUser } from "./serialization.js";

/** The class and config of a constraint; of a function, its name. */
export interface SavedConstraint {
  readonly class_name: string;
  readonly config: unknown;
}

/** The constraint, or an error for a class or function that is not known. */
export function constraintFrom(
  argument: Argument,
  saved: SavedConstraint,
  customObjects: CustomObjects,
): Constraint | ConstraintFunction {
  const { class_name: name, config } = saved;
  if (name === "function") return functionNamed(argument, String(config), customObjects) as ConstraintFunction; // its results are checked
  const { Constraint: base, ...builtin } = constraints;
  return classNamed(argument, name, base, { ...(isOfUser(saved) ? {} : builtin), ...customObjects }).fromConfig(config);
}
