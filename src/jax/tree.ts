// Trees of arrays: their leaves with paths, and errors that name the leaf where two trees differ.

import { type JsTree, numpy as np, tree } from "@jax-js/jax";
import { type Argument, Verbatim } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { isSame } from "../check/lists.js";
import { warnOnce } from "../check/warn.js";

/** Any tree of arrays: nested objects and lists, or one array. */
export type Tree = JsTree<np.Array>;

/** A leaf and the way to it, such as `"layers.0.bias"`; `""` for a tree that is one array. */
export interface Leaf<A = np.Array> {
  readonly path: string;
  /** The keys on this way. */
  readonly keys: readonly string[];
  readonly array: A;
}

/** A tree of gradients: null where there is none. */
export type GradientTree = JsTree<np.Array | null>;

export type GradientLeaf = Leaf<np.Array | null>;

/** A tree that others must be like, and what it is called. */
export interface Model {
  readonly argument: Argument;
  readonly tree: Tree;
  readonly leaves: readonly Leaf[];
}

/** A tree as a model. Its leaves, in the order of jax-js, must be arrays of type float32 that are still alive. */
export function modelOf(argument: Argument, value: unknown): Model {
  const leaves = leavesOf(argument, value);
  return { argument, tree: value as Tree, leaves }; // they are arrays
}

/** The leaves of a tree that must have the structure and the shapes of a model. */
export function matchingLeaves(argument: Argument, value: unknown, model: Model): Leaf[] {
  const leaves = leavesOf(argument, value);
  checkMatch(argument, leaves, model);
  return leaves;
}

/** Throws unless leaves have the paths and the shapes of a model. */
export function checkMatch(argument: Argument, leaves: readonly GradientLeaf[], model: Model): void {
  const { argument: like, leaves: wanted } = model;
  const missing = wanted.find(({ path }) => !leaves.some((leaf) => leaf.path === path));
  const extra = leaves.find(({ path }) => !wanted.some((leaf) => leaf.path === path));
  const odd = missing ?? extra;
  if (odd !== undefined || leaves.some(({ path }, i) => path !== wanted[i]?.path)) {
    const place = odd?.path || "a single array";
    const problem = missing ? `${place} is missing` : odd ? `${place} is not in ${like.name}` : "another order of keys";
    const remedy = "Pass trees of the same keys in the same order, null and undefined left out.";
    throw argument.badValue(`be a tree like ${like.name}`, new Verbatim(problem), remedy);
  }
  leaves.forEach(({ path, array }, i) => {
    const shape = wanted[i]?.array.shape ?? [];
    if (array) checkShape(argument.field(path), array, { name: like.field(path).name, shape });
  });
}

/** A tree of the structure of a model with other arrays. */
export function rebuilt(model: Model, arrayOf: (leaf: Leaf, i: number) => np.Array): Tree {
  return tree.unflatten(tree.structure(model.tree), model.leaves.map(arrayOf));
}

/** The leaves of a tree of gradients, checked as those of a model; they may be null. */
export function gradientLeavesOf(argument: Argument, value: unknown): GradientLeaf[] {
  const leaves = leavesUnder(argument, value, []);
  for (const { path, array } of leaves) if (array) checkFloat32(argument.field(path), array);
  return leaves;
}

/** An error when no leaf has a gradient, else a warning that names those without one. `whose` follows "null". */
export function reportMissing(argument: Argument, leaves: readonly GradientLeaf[], whose = ""): void {
  const missing = leaves.filter(({ array }) => array === null).map(({ path }) => path || "the only leaf");
  if (missing.length === 0) return;
  const names = missing.join(", ");
  if (missing.length < leaves.length) {
    warnOnce(`${argument.owner}: no gradients for ${names}; these leaves stay as they are.`);
    return;
  }
  const received = new Verbatim(`null for ${names}`);
  throw argument.badValue(`not all be null${whose}`, received, "Check that the loss depends on the parameters.");
}

function leavesOf(argument: Argument, value: unknown): Leaf[] {
  const leaves = gradientLeavesOf(argument, value);
  const gap = leaves.find(({ array }) => array === null);
  if (gap !== undefined) throw noArray(argument.field(gap.path), null);
  return leaves as Leaf[]; // none is null
}

function leavesUnder(argument: Argument, value: unknown, keys: readonly string[]): GradientLeaf[] {
  const path = keys.join(".");
  if (value === null) return [{ path, keys, array: null }];
  if (isArray(value)) {
    checkReferenced(argument.field(path), value);
    return [{ path, keys, array: value }];
  }
  const isNode = Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]";
  if (!isNode) throw noArray(argument.field(path), value);
  const items = Object.entries(value as object); // a list or an object, as was asked
  return items.flatMap(([key, item]) => leavesUnder(argument, item, [...keys, key]));
}

function noArray(argument: Argument, received: unknown): TypeError {
  return argument.badKind("be a tree of arrays", received, "Make one with np.array().");
}

/** An array, or what stands for one inside `jit` and `grad`. */
export function isArray(value: unknown): value is np.Array {
  if (value instanceof np.Array) return true;
  return typeof value === "object" && value !== null && "aval" in value && "ref" in value && "dispose" in value;
}

/** Throws for an array that has no reference left. */
export function checkReferenced(argument: Argument, array: np.Array): void {
  // Inside `jit` an array does not tell; jax-js itself complains there.
  if (!(array instanceof np.Array) || array.refCount > 0) return;
  const problem = `${argument.name} was disposed, or used up by a call`;
  throw new StateError(argument.owner, `${problem}. Pass its .ref to what uses it first.`);
}

/** Throws for an array of another type than float32. */
export function checkFloat32(argument: Argument, array: np.Array): void {
  if (array.dtype === np.float32) return;
  throw argument.badKind("be float32", new Verbatim(array.dtype), "Use astype(np.float32).");
}

/** An array of one number of this type; an error for anything else. */
export function checkedScalar(argument: Argument, array: unknown, dtype: np.Array["dtype"]): np.Array {
  if (!isArray(array) || array.dtype !== dtype) {
    const received = isArray(array) ? new Verbatim(array.dtype) : array;
    throw argument.badKind(
      `be an array of ${dtype}`,
      received,
      `Make it with np.array(value, { dtype: np.${dtype} }).`,
    );
  }
  checkReferenced(argument, array);
  if (array.ndim === 0) return array;
  const remedy = "Pass a scalar; under vmap, an array of rates is one for each run.";
  throw argument.badValue("have the shape []", new Verbatim(`shape [${array.shape}]`), remedy);
}

interface Shaped {
  readonly shape: readonly number[];
}

/** Throws unless an array has the shape of another one, which is called by its name. */
export function checkShape(argument: Argument, array: Shaped, like: Shaped & { readonly name: string }): void {
  if (isSame(array.shape, like.shape)) return;
  const received = new Verbatim(`shape [${array.shape}]`);
  throw argument.badValue(`have the shape [${like.shape}] of ${like.name}`, received, "Do not rely on broadcasting.");
}
