// core/state/: the optimizer's own variables, as users list, save and restore them.
//
// The variables of an optimizer as a user sees them: listed in Keras' order, saved, checked and restored.

import type { Argument } from "../../check/argument.js";
import { isFloat32Array, ownCopy } from "../../check/built-ins.js";
import { StateMismatchError } from "../../check/errors.js";
import { isSame, itemsOf, sizeOf } from "../../check/lists.js";
import type { FloatArray } from "../../engine/engine.js";
import { checkedShape, isNested, type NestedNumbers, numbersOf } from "../nested-numbers.js";

/** One of an optimizer's own variables: a counter, the learning rate, or a slot of one variable. */
export interface OptimizerVariable {
  /** Such as `"kernel_velocity"`. */
  readonly name: string;
  /** Such as `"rmsprop/kernel_velocity"`. */
  readonly path: string;
  readonly shape: readonly number[];
  /** A count is `"int32"`, and `"int64"` once it is greater than those hold. */
  readonly dtype: "float32" | "float64" | "int32" | "int64";
  /** The kind of slot, such as `"velocity"`; null for a counter or the learning rate. */
  readonly slot: string | null;
  /** The variable whose slot this is: the object that was passed to the optimizer. Null for a counter or the learning rate. */
  readonly of: object | null;
  /**
   * The elements in C order, those of `"int64"` in a Float64Array. Do not keep it over a step: it may be a live view. What it
   * has shown comes back with `dispose()` of its optimizer only.
   */
  readonly value: FloatArray | Int32Array;
  /** Throws, and changes nothing, if these cannot be its elements. */
  check(values: ArrayLike<number>): void;
  /** Replaces the elements; as many as there are. Throws as `check` does. */
  assign(values: ArrayLike<number>): void;
}

/** An optimizer's own variable as this package reads it. */
export interface StateVariable extends OptimizerVariable {
  /**
   * The elements as `value` has them, to be used at once: memory that `value` has shown is never handed out again while its
   * optimizer is dropped and collected, since parts of that view may be somewhere.
   */
  present(): FloatArray | Int32Array;
  /** Throws when its optimizer does not have it any more. */
  checkHeld(): void;
}

/** A saved array: what `saveOwnVariables` stores. */
export interface SavedArray {
  readonly dtype: OptimizerVariable["dtype"];
  readonly shape: readonly number[];
  readonly value: FloatArray | Int32Array;
}

/** What can be restored: a saved array, a Variable, a typed array, nested arrays or a number. */
export type Weight = NestedNumbers | Pick<SavedArray, "shape" | "value">;

/** Copies of all values. */
export function copiesOf(variables: readonly StateVariable[]): SavedArray[] {
  return variables.map((variable) => {
    const { dtype, shape } = variable;
    return { dtype, shape, value: variable.present().slice() };
  });
}

/** Stores saved arrays, which become the store's, by their index as Keras numbers them. */
export function saveState(argument: Argument, saved: readonly SavedArray[], store: Record<string, SavedArray>): void {
  const isPlain = Array.isArray(store) || Object.prototype.toString.call(store) === "[object Object]";
  if (!isPlain) throw argument.badKind("be a plain object", store, "Pass {}, which is filled.");
  saved.forEach((array, i) => {
    store[String(i)] = array;
  });
}

/** What a value can be restored to. */
export type Restorable = Pick<OptimizerVariable, "name" | "shape" | "check" | "assign">;

/** Copies of weights, of which nothing is left to read that may run code of the user's. */
export function copyWeights(argument: Argument, weights: readonly Weight[]): Parsed[] {
  argument.array(weights, "Pass one item for each of the optimizer's variables.");
  return itemsOf(weights).map((weight, i) => parse(argument.at(i), weight));
}

/** Checks everything, and changes nothing; throws StateMismatchError. The result restores all values, and does not fail. */
export function checkedState(
  argument: Argument,
  variables: readonly Restorable[],
  parsed: readonly Parsed[],
  isBuilt = true,
): () => void {
  const fits = variables.every(({ shape }, i) => {
    const weight = parsed[i];
    return weight !== undefined && (isSame(weight.shape, shape) || isFlatOf(weight, shape));
  });
  if (parsed.length !== variables.length || !fits) {
    const remedy = isBuilt ? "" : " It is not built and has no slots yet: call build(variables) first.";
    const problem = `the state does not fit this optimizer; nothing was restored.${remedy}`;
    const expected = variables.map(({ name, shape }) => `${name} [${shape}]`);
    const received = parsed.map(({ shape }, i) => `${i} [${shape}]`);
    throw new StateMismatchError(argument.owner, problem, expected, received);
  }
  for (const [i, variable] of variables.entries()) variable.check(parsed[i]?.values ?? []);
  return () => {
    for (const [i, variable] of variables.entries()) variable.assign(parsed[i]?.values ?? []);
  };
}

/** The entries of a store in the order of their numbers, or an error when one is missing. */
export function weightsOf(argument: Argument, store: Readonly<Record<string, Weight>>): Weight[] {
  const remedy = "Pass what saveOwnVariables filled.";
  if (typeof store !== "object" || store === null) throw argument.badKind("be an object", store, remedy);
  return Object.keys(store).map((_, i) => {
    const weight = store[String(i)];
    if (weight !== undefined) return weight;
    const requirement = `have the keys "0" to "${Object.keys(store).length - 1}"`;
    throw argument.badKind(requirement, Object.keys(store).join(", "), remedy);
  });
}

interface Parsed {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Copies, since a weight may be a live view of what is about to be replaced; each field is read once. */
function parse(argument: Argument, weight: Weight): Parsed {
  const isSaved = typeof weight === "object" && weight !== null && "value" in weight;
  const { value: numbers, shape: given = null } = isSaved ? weight : { value: weight };
  if (!isNested(numbers)) {
    throw argument.badKind("be numbers", weight, "Pass typed arrays, nested arrays or what saveOwnVariables stored.");
  }
  const { shape: own, values: found } = numbersOf(argument, numbers);
  const values = isFloat32Array(found) ? ownCopy(found) : Array.from(found);
  const shape = Array.isArray(given) ? checkedShape(argument.field("shape"), given) : own;
  if (values.length === sizeOf(shape)) return { shape, values };
  throw argument.badValue(`be the ${sizeOf(shape)} numbers of its shape [${shape}]`, numbers, "Save it again.");
}

/** A typed array carries no shape: its length decides. */
function isFlatOf({ shape, values }: Parsed, expected: readonly number[]): boolean {
  return shape.length === 1 && values.length === sizeOf(expected);
}
