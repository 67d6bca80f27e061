// What users of class RMSprop pass - variables, gradients, a loss - checked; and the gradients of a loss.

import { numpy as np, valueAndGrad } from "@jax-js/jax";
import { checkFunction } from "../check/arguments.js";
import { badKind, badValue, StateError, Verbatim } from "../check/errors.js";
import { adviceForFace } from "../check/foreign-objects.js";
import { nanLoss } from "../core/loss.js";
import type { Target } from "../core/run/target.js";
import { scalar } from "./ops/ops.js";
import { checkFloat32, checkReferenced, checkShape, isArray } from "./tree.js";
import { Variable } from "./variable.js";

/** Throws unless these are variables, each there once and alive. */
export function checkVariables(owner: string, variables: readonly Variable[]): void {
  const seen = new Set<Variable>();
  for (const [i, variable] of variables.entries()) {
    checkVariable(owner, variable, i);
    if (seen.has(variable)) {
      const complaint = { owner, argument: `variables[${i}]`, requirement: "not be there twice", received: variable };
      throw badValue({ ...complaint, remedy: "Pass each variable once." });
    }
    seen.add(variable);
  }
}

/** Throws for anything but a variable that can be changed now. */
export function checkVariable(owner: string, variable: unknown, position: number): void {
  const argument = `variables[${position}]`;
  if (!(variable instanceof Variable)) {
    const remedy = adviceForFace(variable, "rmsprop/jax", "Make one with new Variable(array).");
    const requirement = 'be a Variable of "rmsprop/jax"';
    throw badKind({ owner, argument, requirement, received: variable, remedy });
  }
  if (variable.isDisposed) throw new StateError(owner, `${argument}, ${variable.name}, was disposed. Leave it out.`);
  variable.checkFree();
}

/** The loss now, not NaN, and its gradients, which are the caller's; those of the loss times `lossScale`. */
export function lossAndGradients(
  owner: string,
  loss: () => np.Array,
  lossScale: number | null,
  variables: readonly Variable[],
): { value: number; gradients: np.Array[] } {
  checkFunction(owner, "loss", loss);
  checkVariables(owner, variables);
  const differentiated = (...arrays: np.Array[]): np.Array => {
    try {
      const hold = (inner: () => np.Array, variable: Variable, i: number) => () =>
        variable.holding(arrays[i] as np.Array, inner); // an index of the list
      const value = checkLoss(owner, variables.reduceRight(hold, loss)());
      return lossScale === null ? value : value.mul(scalar(lossScale));
    } finally {
      for (const array of arrays) array.dispose();
    }
  };
  const argnums = variables.map((_, i) => i);
  const [scaled, gradients] = valueAndGrad(differentiated, { argnums })(...variables.map((variable) => variable.ref));
  const value = scaled.item() / (lossScale ?? 1);
  const list = gradients as np.Array[]; // one for each of the argnums
  if (!Number.isNaN(value)) return { value, gradients: list };
  for (const gradient of list) gradient.dispose();
  throw nanLoss(owner, "loss");
}

function checkLoss(owner: string, value: np.Array): np.Array {
  const isFine = isArray(value) && value.ndim === 0 && value.dtype === np.float32;
  if (isFine) return value;
  const received = isArray(value) ? new Verbatim(`${value.dtype} of shape [${value.shape}]`) : value;
  if (isArray(value)) value.dispose();
  const remedy = isArray(value) ? "Take its mean()." : "Return the loss; it cannot be a promise.";
  throw badKind({ owner, argument: "loss", requirement: "return a scalar float32 array", received, remedy });
}

/** Throws unless a gradient fits its variable. */
export function checkGradient(owner: string, gradient: np.Array, variable: Target<unknown>): void {
  const argument = `gradient of ${variable.name}`;
  if (!isArray(gradient)) {
    const remedy = adviceForFace(gradient, "rmsprop/jax", "Make one with np.array().");
    throw badKind({ owner, argument, requirement: "be an array or null", received: gradient, remedy });
  }
  checkReferenced(owner, argument, gradient);
  checkFloat32(owner, argument, gradient);
  checkShape(owner, argument, gradient, variable);
}
