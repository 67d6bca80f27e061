// Optimizers, variables and constraints made from a checkpoint alone; classes come from an allow-list and from the user.

import { argumentsOf } from "../check/argument.js";
import type { Json } from "../check/json.js";
import { classNameOf } from "../check/names.js";
import type { SavedRun, SavedVariable, Traits } from "../checkpoint/saved-run.js";
import { Constraint, type ConstraintFunction } from "../constraints/constraint.js";
import { constraintFrom } from "../core/saved-constraint.js";
import { type CustomObjects, withOptions } from "../core/serialization.js";
import type { VariableLike } from "./inputs/targets.js";
import { type AnyOptimizer, deserialize } from "./registry.js";
import { Variable } from "./variable.js";
import { isVariable } from "./variable-memory.js";

const argument = argumentsOf("loadCheckpoint");

/** The optimizer of the saved config, not built. */
export function createOptimizer(saved: SavedRun, customObjects: CustomObjects): AnyOptimizer {
  if (saved.optimizer !== null) return deserialize(withOptions(saved.optimizer, saved.options), customObjects);
  const requirement = `be an optimizer of the class ${saved.className}: its config could not be saved`;
  const remedy = "A learning rate that is a function needs a name, a schedule of one's own a getConfig().";
  throw argument("optimizer").badKind(requirement, null, remedy);
}

/** The variable or array of a checkpoint, with its values. `keep` is told of what has to be disposed of. */
export function createVariable(
  { name, dtype, shape, values, traits }: SavedVariable,
  customObjects: CustomObjects,
  keep: (variable: Variable) => Variable,
): VariableLike {
  const { array = false, trainable = true, overwriteWithGradient = false } = traits;
  if (array) return values.slice();
  const constraint = traits.constraint
    ? constraintFrom(argument("constraint"), traits.constraint, customObjects)
    : null;
  const options = { shape, dtype, trainable, overwriteWithGradient, constraint };
  // Paths of TensorFlow.js have slashes, names of Keras none.
  return keep(new Variable(values, { ...options, name: name.replaceAll("/", "_") }));
}

/** What a variable is besides its values. */
export function traitsOf(variable: VariableLike): Traits {
  if (!isVariable(variable)) return { array: true };
  const { trainable, overwriteWithGradient, constraint } = variable;
  return {
    ...(trainable ? {} : { trainable }),
    ...(overwriteWithGradient ? { overwriteWithGradient } : {}),
    ...(constraint === null ? {} : { constraint: savedConstraint(constraint) }),
  };
}

function savedConstraint(constraint: Constraint | ConstraintFunction): NonNullable<Traits["constraint"]> {
  if (!(constraint instanceof Constraint)) return { class_name: "function", config: constraint.name };
  return { class_name: classNameOf(constraint.constructor), config: constraint.getConfig() as Json }; // what is none is refused
}
