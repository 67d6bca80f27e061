// What users pass to apply - variables, typed arrays, numbers, nested arrays - becomes targets and arrays of an engine,
// or an error that names what does not fit. Nothing is changed here.
import type { CoreArray, FloatArray } from "../engine/engine.js";
import { badKind, badValue, StateError } from "./errors.js";
import type { NestedNumbers } from "./nested.js";
import type { Target } from "./trainer.js";
import { sameShape, Variable } from "./variable.js";

/** A variable to train: a Variable, or an array that is updated in place. */
export type VariableLike = Variable | Float32Array | Float64Array;

/** A gradient: of its variable's type and shape, a flat array of its elements, or `null` for none. */
export type Gradient = Variable | Float32Array | Float64Array | NestedNumbers | null;

/** The variables as an optimizer keeps them. Refuses what cannot be trained, and the same memory twice. */
export function targetsOf(owner: string, variables: readonly VariableLike[]): Target<CoreArray>[] {
  if (!Array.isArray(variables)) {
    const remedy = "Pass [variable], even for one.";
    throw badKind({ owner, argument: "variables", requirement: "be an array", received: variables, remedy });
  }
  const targets = variables.map((variable, i) => targetOf(owner, variable, i));
  refuseSharedMemory(owner, targets);
  return targets;
}

/** Throws when a variable was disposed or its array was detached since the optimizer was built. */
export function checkAlive(owner: string, { key, name, shape }: Target<CoreArray>): void {
  if (key instanceof Variable) {
    if (key.disposed) throw new StateError(owner, `variable ${name} was disposed. Make a new optimizer without it.`);
    return;
  }
  const length = (key as FloatArray).length;
  const expected = shape[0] ?? 0;
  if (length === expected) return;
  const problem = `the array of ${name} has ${length} elements now, ${expected} when the optimizer was built`;
  throw new StateError(
    owner,
    `${problem}: its memory was transferred or resized. Make a new optimizer with the new array.`,
  );
}

/** A gradient as an array of the engine; `undefined` for numbers that still have to be copied into one. */
export function gradientArray(
  owner: string,
  position: number,
  gradient: Gradient,
  target: Target<CoreArray>,
): CoreArray | null | undefined {
  if (gradient === null) return null;
  if (gradient instanceof Float32Array || gradient instanceof Float64Array) {
    checkType(owner, position, gradient instanceof Float32Array ? "float32" : "float64", target);
    if (gradient.length !== target.array.length) throw wrongShape(owner, position, `[${gradient.length}]`, target);
    return gradient;
  }
  if (gradient instanceof Variable) {
    checkType(owner, position, gradient.dtype, target);
    if (!sameShape(gradient.shape, target.shape)) throw wrongShape(owner, position, `[${gradient.shape}]`, target);
    return gradient.storage;
  }
  if (typeof gradient === "number" || Array.isArray(gradient)) return undefined;
  const remedy = "Convert other arrays with Float32Array.from; pass null where there is no gradient.";
  const requirement = `be a ${target.dtype} array for ${target.name}, a Variable, numbers or null`;
  throw badKind({ owner, argument: `gradients[${position}]`, requirement, received: gradient, remedy });
}

/** Keras computes a global norm over mixed types in float64, which a float32 kernel cannot repeat bit for bit. */
export function checkOneType(owner: string, targets: readonly Target<CoreArray>[]): void {
  const types = [...new Set(targets.map(({ dtype }) => dtype))];
  if (types.length < 2) return;
  const requirement = "be of one type under globalClipnorm";
  const remedy = "Make all of them float32 or all of them float64, or clip with clipnorm.";
  throw badKind({ owner, argument: "variables", requirement, received: types.join(" and "), remedy });
}

function targetOf(owner: string, variable: VariableLike, index: number): Target<CoreArray> {
  if (variable instanceof Variable) {
    const { name, shape, dtype, storage: array, overwriteWithGradient } = variable;
    return { key: variable, name, shape, dtype, array, overwriteWithGradient };
  }
  if (variable instanceof Float32Array || variable instanceof Float64Array) {
    const dtype = variable instanceof Float32Array ? "float32" : "float64";
    const name = index === 0 ? "variable" : `variable_${index}`;
    return { key: variable, name, shape: [variable.length], dtype, array: variable, overwriteWithGradient: false };
  }
  const requirement = "be a Variable, a Float32Array or a Float64Array";
  const remedy = "Wrap numbers in new Variable(...).";
  throw badKind({ owner, argument: `variables[${index}]`, requirement, received: variable, remedy });
}

/** Two variables over the same memory would both be updated with half of the truth. */
function refuseSharedMemory(owner: string, targets: readonly Target<CoreArray>[]): void {
  const byBuffer = new Map<ArrayBufferLike, { name: string; start: number; end: number }[]>();
  for (const { array, name } of targets) {
    const { buffer, byteOffset: start, byteLength } = ArrayBuffer.isView(array) ? array : array.view;
    if (byteLength === 0) continue;
    const ranges = byBuffer.get(buffer) ?? [];
    byBuffer.set(buffer, ranges);
    ranges.push({ name, start, end: start + byteLength });
  }
  for (const ranges of byBuffer.values()) {
    ranges.sort((a, b) => a.start - b.start);
    ranges.forEach((range, i) => {
      const next = ranges[i + 1];
      if (next === undefined || next.start >= range.end) return;
      const received = `${range.name} and ${next.name}`;
      const remedy = "Pass each variable once, and no views that overlap.";
      throw badValue({ owner, argument: "variables", requirement: "not share memory", received, remedy });
    });
  }
}

function checkType(owner: string, position: number, dtype: string, target: Target<CoreArray>): void {
  if (dtype === target.dtype) return;
  const requirement = `be ${target.dtype} as its variable ${target.name}`;
  const remedy = `Convert it: ${target.dtype === "float32" ? "Float32Array" : "Float64Array"}.from(gradient).`;
  throw badKind({ owner, argument: `gradients[${position}]`, requirement, received: dtype, remedy });
}

function wrongShape(owner: string, position: number, received: string, target: Target<CoreArray>): RangeError {
  const requirement = `have the shape [${target.shape}] of ${target.name}, ${target.array.length} elements`;
  const remedy = "Pass gradients in the order of the variables.";
  return badValue({ owner, argument: `gradients[${position}]`, requirement, received, remedy });
}
