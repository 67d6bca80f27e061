// The variables of an optimizer as a user sees them: listed in Keras' order, saved, checked and restored.
import type { FloatArray } from "../engine/engine.js";
import { checkArray, checkNumbers } from "./checks.js";
import { badKind, badValue, StateMismatchError } from "./errors.js";
import type { Gradient } from "./gradients.js";
import { isSame, itemsOf, sizeOf } from "./lists.js";
import { isNested, type NestedNumbers, numbersOf } from "./nested.js";
import { settle } from "./settle.js";

/** One of an optimizer's own variables: a counter, the learning rate, or a slot of one variable. */
export interface OptimizerVariable {
  /** Such as `"kernel_velocity"`. */
  readonly name: string;
  /** Such as `"rmsprop/kernel_velocity"`. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64" | "int32";
  /** The kind of slot, such as `"velocity"`; null for a counter or the learning rate. */
  readonly slot: string | null;
  /** The variable whose slot this is: the object that was passed to the optimizer. Null for a counter or the learning rate. */
  readonly of: object | null;
  /** The elements in C order. Do not keep it over a step: it may be a copy or a live view. */
  readonly value: FloatArray | Int32Array;
  /** Throws, and changes nothing, if these cannot be its elements. */
  check(values: ArrayLike<number>): void;
  /** Replaces the elements; as many as there are. Throws as `check` does. */
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
export function saveState(owner: string, variables: readonly SavedArray[], store: Record<string, SavedArray>): void {
  const isPlain = Array.isArray(store) || Object.prototype.toString.call(store) === "[object Object]";
  if (!isPlain) {
    const remedy = "Pass {}, which is filled.";
    throw badKind({ owner, argument: "store", requirement: "be a plain object", received: store, remedy });
  }
  variables.forEach(({ dtype, shape, value }, i) => {
    store[String(i)] = { dtype, shape, value: value.slice() };
  });
}

/** Restores all values, after all of them were checked. Throws StateMismatchError and changes nothing. */
export function loadState(owner: string, variables: readonly OptimizerVariable[], weights: readonly Weight[]): void {
  checkArray(owner, "weights", weights, "Pass one item for each of the optimizer's variables.");
  const parsed = itemsOf(weights).map((weight, i) => parse(owner, `weights[${i}]`, weight));
  const fits = variables.every(({ shape }, i) => {
    const weight = parsed[i];
    return weight !== undefined && (isSame(weight.shape, shape) || isFlatOf(weight, shape));
  });
  if (parsed.length !== variables.length || !fits) {
    const problem = "the state does not fit this optimizer; nothing was restored.";
    const expected = variables.map(({ name, shape }) => `${name} [${shape}]`);
    const received = parsed.map(({ shape }, i) => `${i} [${shape}]`);
    throw new StateMismatchError(owner, problem, expected, received);
  }
  for (const [i, variable] of variables.entries()) variable.check(parsed[i]?.values ?? []);
  for (const [i, variable] of variables.entries()) variable.assign(parsed[i]?.values ?? []);
}

/** Copies of weights, of which nothing is left to read that may run code of the user's. */
export function copyWeights(owner: string, weights: readonly Weight[]): Weight[] {
  checkArray(owner, "weights", weights, "Pass one item for each of the optimizer's variables.");
  return itemsOf(weights).map((weight, i) => {
    const { shape, values } = parse(owner, `weights[${i}]`, weight);
    return { shape, value: Float64Array.from(values) };
  });
}

/** The entries of a store in the order of their numbers, or an error when one is missing. */
export function weightsOf(owner: string, store: Readonly<Record<string, Weight>>): Weight[] {
  if (typeof store !== "object" || store === null) {
    const remedy = "Pass what saveOwnVariables filled.";
    throw badKind({ owner, argument: "store", requirement: "be an object", received: store, remedy });
  }
  return Object.keys(store).map((_, i) => {
    const weight = store[String(i)];
    if (weight !== undefined) return weight;
    const requirement = `have the keys "0" to "${Object.keys(store).length - 1}"`;
    const received = Object.keys(store).join(", ");
    throw badKind({ owner, argument: "store", requirement, received, remedy: "Pass what saveOwnVariables filled." });
  });
}

/** Copies of everything that a step changes; the result puts it back. */
export function snapshot(
  optimizer: Pick<Stateful, "variables" | "setWeights">,
  trainer: { values(): FloatArray[]; setValues(values: readonly FloatArray[]): void },
): () => void {
  const values = trainer.values();
  const weights = optimizer.variables.map(({ value, shape }) => ({ value: value.slice(), shape }));
  return () => {
    optimizer.setWeights(weights);
    trainer.setValues(values);
  };
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

/** Copies, since a weight may be a live view of what is about to be replaced; each field is read once. */
function parse(owner: string, argument: string, weight: Weight): Parsed {
  const isSaved = typeof weight === "object" && weight !== null && "value" in weight;
  const { value: numbers, shape: given = null } = isSaved ? weight : { value: weight };
  if (!isNested(numbers)) {
    const remedy = "Pass typed arrays, nested arrays or what saveOwnVariables stored.";
    throw badKind({ owner, argument, requirement: "be numbers", received: weight, remedy });
  }
  const { shape: own, values: found } = numbersOf(owner, argument, numbers);
  const values = Array.from(found);
  const lengths = { integer: true, min: 0 };
  const shape = Array.isArray(given) ? checkNumbers(owner, `${argument}.shape`, given, lengths) : own;
  if (values.length === sizeOf(shape)) return { shape, values };
  const requirement = `be the ${sizeOf(shape)} numbers of its shape [${shape}]`;
  throw badValue({ owner, argument, requirement, received: numbers, remedy: "Save it again." });
}

/** A typed array carries no shape: its length decides. */
function isFlatOf({ shape, values }: Parsed, expected: readonly number[]): boolean {
  return shape.length === 1 && values.length === sizeOf(expected);
}
