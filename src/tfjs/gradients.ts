// What users pass to a step - names, variables, tensors - becomes pairs of a variable and its gradient, or an error that
// names what does not fit. Nothing is changed here. Gradients are taken in loss.ts.

import * as tf from "@tensorflow/tfjs-core";
import { Argument, type Arguments, Verbatim } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { adviceForFace } from "../check/foreign-objects.js";
import { isSame, itemsOf } from "../check/lists.js";
import type { RunState } from "../core/run/run-state.js";
import type { Target } from "../core/run/target.js";
import { isAlive, isReadable, unreadable } from "./engine/backends.js";
import type { NamedTensor } from "./state/weights.js";

/** A variable and its gradient; null where there is none. */
export interface Pair {
  readonly variable: tf.Variable;
  readonly gradient: tf.Tensor | null;
}

/** Gradients by the names of their variables, in both forms of TensorFlow.js, as pairs. */
export function pairsByName(argument: Argument, gradients: tf.NamedTensorMap | readonly NamedTensor[]): Pair[] {
  const requirement = "be an object of tensors by the names of their variables";
  if (typeof gradients !== "object" || gradients === null) {
    throw argument.badKind(requirement, gradients, "Pass the grads of computeGradients().");
  }
  if (!Array.isArray(gradients)) {
    if (isValueAndGrads(gradients)) {
      throw argument.badKind(requirement, new Verbatim("{ value, grads }"), "Pass its .grads.");
    }
    return Object.entries(gradients).map(([name, tensor]) => pairOf(argument, name, tensor));
  }
  return itemsOf<NamedTensor>(gradients).map((item, i) => {
    if (typeof item?.name === "string") return pairOf(argument, item.name, item.tensor);
    const remedy = "With variables instead of names, call apply(gradients, variables).";
    throw argument.at(i).badKind("be { name, tensor }", item, remedy);
  });
}

/** Whether it is all of what `tf.variableGrads` and `computeGradients` return. */
function isValueAndGrads(gradients: object): boolean {
  return "value" in gradients && "grads" in gradients && !(gradients.grads instanceof tf.Tensor);
}

function pairOf({ owner }: Argument, name: string, gradient: tf.Tensor | null | undefined): Pair {
  const { registeredVariables } = tf.engine();
  const variable = Object.hasOwn(registeredVariables, name) ? registeredVariables[name] : undefined;
  if (variable !== undefined) return { variable, gradient: gradient ?? null };
  const remedy = "It was disposed, or never made. Pass the variables that the loss uses.";
  throw new Argument(owner, "variable").badValue("exist", name, remedy);
}

/** Gradients in the order of their variables, as pairs. */
export function pairsInOrder(
  argument: Arguments,
  gradients: readonly (tf.Tensor | null)[],
  variables: readonly tf.Variable[],
): Pair[] {
  const given = argument("gradients").items(gradients, "Pass one for each variable, in their order.");
  const wanted = argument("variables").items(variables, "Pass [variable], even for one.");
  if (given.length === wanted.length) return wanted.map((variable, i) => ({ variable, gradient: given[i] ?? null }));
  const remedy = "Pass the variables after them, and null where there is no gradient.";
  throw argument("gradients").badValue(`have ${wanted.length} items, one for each variable`, gradients, remedy);
}

/** Gradients by name as pairs with the variables of a list. As in TensorFlow.js, it may hold some that are not trainable. */
export function pairsOfTrainable(gradients: tf.NamedTensorMap, variables: readonly tf.Variable[]): Pair[] {
  const trainable = variables.filter((variable) => variable.trainable);
  return trainable.map((variable) => ({ variable, gradient: gradients[variable.name] ?? null }));
}

/** Throws for a variable that is none, was disposed of, or is not float32. */
export function checkTensorVariable(argument: Argument, variable: unknown): void {
  if (!(variable instanceof tf.Variable)) {
    const remedy = adviceForFace(variable, "rmsprop/tfjs", "Of a layer's weight, pass weight.read().");
    throw argument.badKind("be a tf.Variable", variable, remedy);
  }
  if (!isAlive(variable)) {
    const problem = `variable ${variable.name} was disposed, or is of another copy of TensorFlow.js. Leave it out.`;
    throw new StateError(argument.owner, problem);
  }
  if (!isReadable(variable)) throw unreadable(argument.owner, `variable ${variable.name}`);
  if (variable.dtype === "float32") return;
  throw argument.badKind("be float32", `${variable.name} of ${variable.dtype}`, "Leave it out.");
}

/** Throws unless a gradient fits its variable. */
export function checkTensorGradient(run: RunState<tf.Tensor>, gradient: tf.Tensor, target: Target<tf.Tensor>): void {
  const { name, shape } = target;
  const what = `gradient of ${name}`;
  if (!(gradient instanceof tf.Tensor)) {
    const remedy = adviceForFace(gradient, "rmsprop/tfjs", "Make one with tf.tensor().");
    throw run.argument(what).badKind("be a tensor or null", gradient, remedy);
  }
  if (gradient.isDisposed) throw new StateError(run.className, `the ${what} was disposed. Keep it with tf.keep.`);
  if (!isReadable(gradient)) throw unreadable(run.className, `the ${what}`);
  if (gradient.dtype !== "float32") {
    throw run.argument(what).badKind("be float32 like its variable", gradient.dtype, "Use tf.cast.");
  }
  if (isSame(gradient.shape, shape)) return;
  throw run.argument(what).badValue(`have the shape [${shape}]`, `[${gradient.shape}]`, "Do not rely on broadcasting.");
}
