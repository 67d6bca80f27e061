// The variables of an optimizer as a user sees them: listed in Keras' order, saved, checked and restored.
import type { FloatArray } from "../engine/engine.js";
import { badKind, StateMismatchError } from "./errors.js";
import type { Gradient } from "./gradients.js";
import { flatten, type NestedNumbers, shapeOf } from "./nested.js";
import { settle } from "./settle.js";
import { sameShape } from "./variable.js";

/** One of an optimizer's own variables: a counter, the learning rate, or a slot of one variable. */
export interface OptimizerVariable {
  /** Such as `"kernel_velocity"`. */
  readonly name: string;
  /** Such as `"rmsprop/kernel_velocity"`. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64" | "int32";
  /** The elements in C order. Do not keep it over a step: it may be a copy or a live view. */
  readonly value: FloatArray | Int32Array;
  /** Replaces the elements; as many as there are. */
  assign(values: ArrayLike<number>): void;
}

/** A saved array: what `saveOwnVariables` stores. */
export interface SavedArray {
  readonly dtype: OptimizerVariable["dtype"];
  readonly shape: readonly number[];
  readonly value: FloatArray | Int32Array;
}

/** What can be restored: a saved array, a Variable, a typed array, nested arrays or a number. */
export type Weight = NestedNumbers | Pick<SavedArray, "shape" | "value">;

/** Copies of all values, by their index as Keras numbers them. */
export function saveState(variables: readonly OptimizerVariable[], store: Record<string, SavedArray>): void {
  variables.forEach(({ dtype, shape, value }, i) => {
    store[String(i)] = { dtype, shape, value: value.slice() };
  });
}

/** Restores all values, after all of them were checked. Throws StateMismatchError and changes nothing. */
export function loadState(owner: string, variables: readonly OptimizerVariable[], weights: readonly Weight[]): void {
  const parsed = weights.map((weight, i) => parse(owner, `weights[${i}]`, weight));
  const fits = variables.every(({ shape }, i) => {
    const weight = parsed[i];
    return weight !== undefined && (sameShape(weight.shape, shape) || isFlatOf(weight, shape));
  });
  if (weights.length !== variables.length || !fits) {
    const problem = "the state does not fit this optimizer; nothing was restored.";
    const expected = variables.map(({ name, shape }) => `${name} [${shape}]`);
    const received = parsed.map(({ shape }, i) => `${i} [${shape}]`);
    throw new StateMismatchError(owner, problem, expected, received);
  }
  variables.forEach((variable, i) => {
    variable.assign(parsed[i]?.values ?? []);
  });
}

/** The entries of a store in the order of their numbers, or an error when one is missing. */
export function weightsOf(owner: string, store: Readonly<Record<string, Weight>>): Weight[] {
  return Object.keys(store).map((_, i) => {
    const weight = store[String(i)];
    if (weight !== undefined) return weight;
    const requirement = `have the keys "0" to "${Object.keys(store).length - 1}"`;
    const received = Object.keys(store).join(", ");
    throw badKind({ owner, argument: "store", requirement, received, remedy: "Pass what saveOwnVariables filled." });
  });
}

/** An optimizer as far as its own variables go. */
interface Stateful {
  readonly variables: readonly OptimizerVariable[];
  setWeights(weights: readonly Weight[]): void;
  apply(gradients: readonly Gradient[]): void;
}

/** One step from other optimizer variables; returns the new ones and puts the present ones back. */
export function statelessStep(
  optimizer: Stateful,
  weights: readonly Weight[],
  gradients: readonly Gradient[],
): OptimizerVariable["value"][] {
  const before = optimizer.variables.map(({ value, shape }) => ({ value: value.slice(), shape }));
  const restore = () => optimizer.setWeights(before);
  return settle(() => {
    optimizer.setWeights(weights);
    optimizer.apply(gradients);
    return optimizer.variables.map(({ value }) => value.slice());
  }, restore);
}

interface Parsed {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

function parse(owner: string, argument: string, weight: Weight): Parsed {
  const isSaved = typeof weight === "object" && weight !== null && "value" in weight;
  if (isSaved) return { shape: weight.shape, values: weight.value };
  if (typeof weight === "number") return { shape: [], values: [weight] };
  if (typeof weight !== "object" || weight === null) {
    const remedy = "Pass typed arrays, nested arrays or what saveOwnVariables stored.";
    throw badKind({ owner, argument, requirement: "be numbers", received: weight, remedy });
  }
  return { shape: shapeOf(weight), values: flatten(owner, argument, weight) };
}

/** A typed array carries no shape: its length decides. */
function isFlatOf({ shape, values }: Parsed, expected: readonly number[]): boolean {
  return shape.length === 1 && values.length === expected.reduce((size, length) => size * length, 1);
}
