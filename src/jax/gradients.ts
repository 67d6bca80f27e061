// What users of class RMSprop pass - variables, gradients, a loss - checked; and the gradients of a loss.

import { numpy as np, valueAndGrad } from "@jax-js/jax";
import { type Argument, type Arguments, Verbatim } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { adviceForFace } from "../check/foreign-objects.js";
import type { Target } from "../core/run/target.js";
import { scalar } from "./ops/ops.js";
import { checkFloat32, checkReferenced, checkShape, isArray } from "./tree.js";
import { checkFree, Variable, withArray } from "./variable.js";

/** Throws unless these are variables, each there once and alive. */
export function checkVariables(argument: Argument, variables: readonly Variable[]): void {
  const seen = new Set<Variable>();
  for (const [i, variable] of variables.entries()) {
    checkVariable(argument.at(i), variable);
    if (seen.has(variable)) throw argument.at(i).badValue("not be there twice", variable, "Pass each variable once.");
    seen.add(variable);
  }
}

/** Throws for anything but a variable that can be changed now. */
export function checkVariable(argument: Argument, variable: unknown): void {
  if (!(variable instanceof Variable)) {
    const remedy = adviceForFace(variable, "rmsprop/jax", "Make one with new Variable(array).");
    throw argument.badKind('be a Variable of "rmsprop/jax"', variable, remedy);
  }
  const problem = `${argument.name}, ${variable.name}, was disposed. Leave it out.`;
  if (variable.disposed) throw new StateError(argument.owner, problem);
  checkFree(variable);
}

/** The loss now, and its gradients, which are the caller's; those of the loss times `lossScale`. */
export function lossAndGradients(
  argument: Arguments,
  loss: () => np.Array,
  lossScale: number | null,
  variables: readonly Variable[],
): { value: number; gradients: np.Array[] } {
  argument("loss").callable(loss);
  checkVariables(argument("variables"), variables);
  const differentiated = (...arrays: np.Array[]): np.Array => {
    try {
      const hold = (inner: () => np.Array, variable: Variable, i: number) => () =>
        withArray(variable, arrays[i] as np.Array, inner); // an index of the list
      const value = checkLoss(argument("loss"), variables.reduceRight(hold, loss)());
      return lossScale === null ? value : value.mul(scalar(lossScale));
    } finally {
      for (const array of arrays) array.dispose();
    }
  };
  const argnums = variables.map((_, i) => i);
  const [scaled, gradients] = valueAndGrad(differentiated, { argnums })(...variables.map((variable) => variable.ref));
  const value = scaled.item() / (lossScale ?? 1);
  return { value, gradients: gradients as np.Array[] }; // one for each of the argnums
}

function checkLoss(argument: Argument, value: np.Array): np.Array {
  const isFine = isArray(value) && value.ndim === 0 && value.dtype === np.float32;
  if (isFine) return value;
  const received = isArray(value) ? new Verbatim(`${value.dtype} of shape [${value.shape}]`) : value;
  if (isArray(value)) value.dispose();
  const remedy = isArray(value) ? "Take its mean()." : "Return the loss; it cannot be a promise.";
  throw argument.badKind("return a scalar float32 array", received, remedy);
}

/** Throws unless a gradient fits its variable. */
export function checkGradient(argument: Argument, gradient: np.Array, variable: Target<unknown>): void {
  if (!isArray(gradient)) {
    const remedy = adviceForFace(gradient, "rmsprop/jax", "Make one with np.array().");
    throw argument.badKind("be an array or null", gradient, remedy);
  }
  checkReferenced(argument, gradient);
  checkFloat32(argument, gradient);
  checkShape(argument, gradient, variable);
}
