// Trees of arrays: their leaves with paths, and errors that name the leaf where two trees differ.
import { type JsTree, numpy as np, tree } from "@jax-js/jax";
import { badKind, badValue, StateError, Verbatim } from "../check/errors.js";

/** Any tree of arrays: nested objects and lists, or one array. */
export type Tree = JsTree<np.Array>;

/** A leaf and the way to it, such as `"layers.0.bias"`; `""` for a tree that is one array. */
export interface Leaf {
  readonly path: string;
  readonly array: np.Array;
}

/** A leaf of gradients: null where there is none. */
export interface GradientLeaf {
  readonly path: string;
  readonly array: np.Array | null;
}

/** A tree of gradients: null where there is none. */
export type GradientTree = JsTree<np.Array | null>;

/** The leaves in the order of jax-js, checked: arrays of type float32 that are still alive. */
export function leavesOf(owner: string, argument: string, value: Tree): Leaf[] {
  const leaves = checkedLeaves(owner, argument, value);
  const gap = leaves.find(({ array }) => array === null);
  if (gap !== undefined) throw noArray(owner, at(argument, gap.path), null);
  return leaves as Leaf[]; // none is null
}

/** As `leavesOf`; leaves may be null. */
export function gradientLeavesOf(owner: string, argument: string, value: unknown): GradientLeaf[] {
  return checkedLeaves(owner, argument, value);
}

function checkedLeaves(owner: string, argument: string, value: unknown): GradientLeaf[] {
  const leaves: GradientLeaf[] = [];
  collect(owner, argument, value, "", leaves);
  for (const { path, array } of leaves) {
    if (array !== null && array.dtype !== np.float32) {
      const received = new Verbatim(array.dtype);
      const remedy = "Use astype(np.float32).";
      throw badKind({ owner, argument: at(argument, path), requirement: "be float32", received, remedy });
    }
  }
  return leaves;
}

/** As `leavesOf`, for a tree that must have the structure and the shapes of `model`, called `modelName`. */
export function matchingLeaves(
  owner: string,
  argument: string,
  value: Tree,
  model: readonly Leaf[],
  modelName: string,
): Leaf[] {
  const leaves = leavesOf(owner, argument, value);
  checkMatch(owner, argument, leaves, model, modelName);
  return leaves;
}

/** Throws unless leaves have the paths and the shapes of `model`, called `modelName`. */
export function checkMatch(
  owner: string,
  argument: string,
  leaves: readonly GradientLeaf[],
  model: readonly Leaf[],
  modelName: string,
): void {
  const missing = model.find(({ path }) => !leaves.some((leaf) => leaf.path === path));
  const extra = leaves.find(({ path }) => !model.some((leaf) => leaf.path === path));
  const odd = missing ?? extra;
  if (odd !== undefined || leaves.some(({ path }, i) => path !== model[i]?.path)) {
    const place = odd?.path || "a single array";
    const problem = missing ? `${place} is missing` : odd ? `${place} is not in ${modelName}` : "another order of keys";
    const requirement = `be a tree like ${modelName}`;
    const remedy = "Pass trees of the same keys in the same order, null and undefined left out.";
    throw badValue({ owner, argument, requirement, received: new Verbatim(problem), remedy });
  }
  leaves.forEach(({ path, array }, i) => {
    if (array) checkShape(owner, at(argument, path), array, model[i]?.array.shape ?? [], at(modelName, path));
  });
}

/** A tree of the structure of `model` with other leaves. */
export function rebuilt<T extends Tree>(model: T, leaves: readonly np.Array[]): T {
  // The structure is the model's own.
  return tree.unflatten(tree.structure(model), leaves) as T;
}

/** Throws for an array that has no reference left. */
export function checkReferenced(owner: string, argument: string, array: np.Array): void {
  // Inside `jit` an array does not tell; jax-js itself complains there.
  if (!(array instanceof np.Array) || array.refCount > 0) return;
  throw new StateError(owner, `${argument} was disposed, or used up by a call. Pass its .ref to what uses it first.`);
}

function collect(owner: string, argument: string, value: unknown, path: string, leaves: GradientLeaf[]): void {
  if (value === null || isArray(value)) {
    if (value !== null) checkReferenced(owner, at(argument, path), value);
    leaves.push({ path, array: value });
    return;
  }
  const isNode = Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]";
  if (!isNode) throw noArray(owner, at(argument, path), value);
  for (const [key, item] of Object.entries(value as object)) {
    collect(owner, argument, item, path === "" ? key : `${path}.${key}`, leaves);
  }
}

function noArray(owner: string, argument: string, received: unknown): TypeError {
  const remedy = "Make one with np.array().";
  return badKind({ owner, argument, requirement: "be a tree of arrays", received, remedy });
}

/** An array, or what stands for one inside `jit` and `grad`. */
export function isArray(value: unknown): value is np.Array {
  if (value instanceof np.Array) return true;
  return typeof value === "object" && value !== null && "aval" in value && "ref" in value && "dispose" in value;
}

/** Throws unless an array has this shape. */
export function checkShape(
  owner: string,
  argument: string,
  array: { readonly shape: readonly number[] },
  shape: readonly number[],
  modelName: string,
): void {
  if (array.shape.length === shape.length && array.shape.every((length, i) => length === shape[i])) return;
  const requirement = `have the shape [${shape}] of ${modelName}`;
  const received = new Verbatim(`shape [${array.shape}]`);
  throw badValue({ owner, argument, requirement, received, remedy: "Do not rely on broadcasting." });
}

function at(argument: string, path: string): string {
  return path === "" ? argument : `${argument}.${path}`;
}
