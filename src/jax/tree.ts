// Trees of arrays: their leaves with paths, and errors that name the leaf where two trees differ.
import { type JsTree, numpy as np, tree } from "@jax-js/jax";
import { badKind, badValue, Described, StateError } from "../optimizer/errors.js";

/** Any tree of arrays: nested objects and lists, or one array. */
export type Tree = JsTree<np.Array>;

/** A leaf and the way to it, such as `"layers.0.bias"`; `""` for a tree that is one array. */
export interface Leaf {
  readonly path: string;
  readonly array: np.Array;
}

/** The leaves in the order of jax-js, checked: arrays of type float32 that are still alive. */
export function leavesOf(owner: string, argument: string, value: Tree): Leaf[] {
  const leaves: Leaf[] = [];
  collect(owner, argument, value, "", leaves);
  for (const { path, array } of leaves) {
    if (array.dtype !== np.float32) {
      const received = new Described(array.dtype);
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
  const missing = model.find(({ path }) => !leaves.some((leaf) => leaf.path === path));
  const extra = leaves.find(({ path }) => !model.some((leaf) => leaf.path === path));
  const odd = missing ?? extra;
  if (odd !== undefined || leaves.some(({ path }, i) => path !== model[i]?.path)) {
    const place = odd?.path || "a single array";
    const problem = missing ? `${place} is missing` : odd ? `${place} is not in ${modelName}` : "another order of keys";
    const requirement = `be a tree like ${modelName}`;
    const remedy = "Pass trees of the same keys in the same order, null and undefined left out.";
    throw badValue({ owner, argument, requirement, received: new Described(problem), remedy });
  }
  leaves.forEach(({ path, array }, i) => {
    checkShape(owner, at(argument, path), array, model[i]?.array.shape ?? [], at(modelName, path));
  });
  return leaves;
}

/** A tree of the structure of `model` with other leaves. */
export function rebuilt<T extends Tree>(model: T, leaves: readonly np.Array[]): T {
  // The structure is the model's own.
  return tree.unflatten(tree.structure(model), leaves) as T;
}

/** Throws for an array that has no reference left. */
export function checkAlive(owner: string, argument: string, array: np.Array): void {
  // Inside `jit` an array does not tell; jax-js itself complains there.
  if (!(array instanceof np.Array) || array.refCount > 0) return;
  throw new StateError(owner, `${argument} was disposed, or used up by a call. Pass its .ref to what uses it first.`);
}

function collect(owner: string, argument: string, value: unknown, path: string, leaves: Leaf[]): void {
  if (isArray(value)) {
    checkAlive(owner, at(argument, path), value);
    leaves.push({ path, array: value });
    return;
  }
  const isNode = Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]";
  if (!isNode) {
    const remedy = "Make one with np.array().";
    throw badKind({
      ...{ owner, argument: at(argument, path), requirement: "be a tree of arrays" },
      ...{ received: value, remedy },
    });
  }
  for (const [key, item] of Object.entries(value as object)) {
    collect(owner, argument, item, path === "" ? key : `${path}.${key}`, leaves);
  }
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
  const received = new Described(`shape [${array.shape}]`);
  throw badValue({ owner, argument, requirement, received, remedy: "Do not rely on broadcasting." });
}

function at(argument: string, path: string): string {
  return path === "" ? argument : `${argument}.${path}`;
}
