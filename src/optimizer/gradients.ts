// What users pass as gradients - Variables, typed arrays, numbers, nested arrays - becomes arrays of an engine, or an error
// that names what does not fit. Nothing is changed here.
import type { CoreArray, CoreEngine, Storage } from "../engine/engine.js";
import { badKind, badValue, Described } from "./errors.js";
import { adviceForFace } from "./foreign.js";
import { isSame } from "./lists.js";
import { type NestedNumbers, nest } from "./nested.js";
import { checkAttached, type VariableLike } from "./targets.js";
import type { Target } from "./trainer.js";
import { Variable } from "./variable.js";

/** A gradient: of its variable's type and shape, a flat array of its elements, or `null` for none. */
export type Gradient = Variable | Float32Array | Float64Array | NestedNumbers | null;

/** Gradients that stay where they are when memory grows: views of engine memory become storages. */
export function pinned(engine: CoreEngine, gradients: readonly Gradient[]): readonly (Gradient | Storage)[] {
  const pin = (gradient: Gradient) => (isFloatArray(gradient) ? engine.pin(gradient) : null);
  const needed = gradients.some((gradient) => pin(gradient) !== null);
  return needed ? gradients.map((gradient) => pin(gradient) ?? gradient) : gradients;
}

/** Copies of gradients, for when the variables that they may be a part of are about to change. */
export function copyGradients(gradients: readonly Gradient[]): Gradient[] {
  if (!Array.isArray(gradients)) return gradients as Gradient[]; // apply says what is wrong with it
  return gradients.map((gradient: Gradient) => {
    if (gradient instanceof Variable)
      return gradient.shape.length === 0 ? gradient.item() : nest(gradient.value, gradient.shape);
    return isFloatArray(gradient) ? gradient.slice() : gradient;
  });
}

/** A gradient as an array of the engine; `undefined` for numbers that still have to be copied into one. */
export function gradientArray(
  owner: string,
  position: number,
  gradient: Gradient | Storage,
  target: Target<CoreArray>,
): CoreArray | null | undefined {
  if (gradient === null) return null;
  if (isFloatArray(gradient)) {
    if (gradient.length === 0) checkAttached(owner, `gradients[${position}]`, gradient);
    checkType(owner, position, gradient instanceof Float32Array ? "float32" : "float64", target);
    checkLength(owner, position, gradient, target);
    return gradient;
  }
  if (gradient instanceof Variable) {
    checkType(owner, position, gradient.dtype, target);
    if (!isSame(gradient.shape, target.shape)) throw wrongShape(owner, position, gradient.shape, target);
    return gradient.storage;
  }
  if (typeof gradient === "number" || Array.isArray(gradient)) return undefined;
  if (isStorage(gradient)) {
    checkType(owner, position, gradient.dtype, target);
    checkLength(owner, position, gradient, target);
    return gradient;
  }
  const convert = "Convert other arrays with Float32Array.from; pass null where there is no gradient.";
  const remedy = adviceForFace(gradient, "rmsprop", convert);
  const requirement = `be a ${target.dtype} array for ${target.name}, a Variable, numbers or null`;
  throw badKind({ owner, argument: `gradients[${position}]`, requirement, received: gradient, remedy });
}

/** Pairs as two lists, or an error for what is no iterable of pairs. */
export function unzip<G = Gradient, V = VariableLike>(
  owner: string,
  pairs: Iterable<readonly [G, V]>,
): [gradients: G[], variables: V[]] {
  const isIterable = typeof pairs === "object" && pairs !== null && Symbol.iterator in pairs;
  const list = isIterable ? [...pairs] : null; // An iterator can be walked only once.
  if (list?.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    return [list.map(([gradient]) => gradient), list.map(([, variable]) => variable)];
  }
  const requirement = "be an iterable of [gradient, variable]";
  const remedy = "Pass [[gradient, variable], ...].";
  throw badKind({ owner, argument: "pairs", requirement, received: pairs, remedy });
}

function isFloatArray(value: unknown): value is Float32Array | Float64Array {
  return value instanceof Float32Array || value instanceof Float64Array;
}

function isStorage(value: unknown): value is Storage {
  return typeof value === "object" && value !== null && "view" in value && "free" in value;
}

function checkType(owner: string, position: number, dtype: string, target: Target<CoreArray>): void {
  if (dtype === target.dtype) return;
  const requirement = `be ${target.dtype} as its variable ${target.name}`;
  const remedy = `Convert it: ${target.dtype === "float32" ? "Float32Array" : "Float64Array"}.from(gradient).`;
  throw badKind({ owner, argument: `gradients[${position}]`, requirement, received: new Described(dtype), remedy });
}

function checkLength(owner: string, position: number, { length }: CoreArray, target: Target<CoreArray>): void {
  if (length !== target.array.length) throw wrongShape(owner, position, [length], target);
}

function wrongShape(owner: string, position: number, shape: readonly number[], target: Target<CoreArray>): RangeError {
  const requirement = `have the shape [${target.shape}] of ${target.name}, ${target.array.length} elements`;
  const remedy = "Pass gradients in the order of the variables.";
  return badValue({
    owner,
    argument: `gradients[${position}]`,
    requirement,
    received: new Described(`shape [${shape}]`),
    remedy,
  });
}
