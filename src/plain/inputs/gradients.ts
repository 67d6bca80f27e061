// What users pass as gradients - Variables, typed arrays, numbers, nested arrays - becomes arrays of an engine, or an error
// that names what does not fit. Nothing is changed here. Those in half precision are in half-gradients.ts.
import { type Argument, Verbatim } from "../../check/argument.js";
import { floatTypeOf, isDetached, isFloats, isUint16Array, ownCopy } from "../../check/built-ins.js";
import { isSame, itemsOf } from "../../check/lists.js";
import type { EvaluatedLoss } from "../../core/loss.js";
import { detached, type NestedNumbers, type Numbers, nest, numbersOf } from "../../core/nested-numbers.js";
import { type Target, wrongShape } from "../../core/run/target.js";
import { sizeOfArray } from "../../engine/arrays.js";
import type { HostArray, HostEngine, Storage } from "../../engine/engine.js";
import { HalfStorage } from "../../engine/half-storage.js";
import type { Variable } from "../variable.js";
import { isVariable, storageOf, variableRemedy } from "../variable-memory.js";
import { copiedHalf, type HalfGradient, halfStorageOf, isHalf } from "./half-gradients.js";

/**
 * A gradient: of its variable's type and shape, or a flat array of its elements; of a float32 variable also in half precision,
 * as a Float16Array or with its format; `null` for none.
 */
export type Gradient = Variable | Float32Array | Float64Array | HalfGradient | NestedNumbers | null;

/** The loss now, and its gradients: those of the loss itself, without any scale. */
export interface LossAndGradients<T = number, G = Gradient> extends EvaluatedLoss<T, G> {}

/** A gradient that is a view of engine memory. Nobody but `steadied` makes one, so that nothing can pass for it. */
class Pinned {
  readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }
}

/** A gradient of numbers or nested arrays, read. */
export class Parsed {
  readonly numbers: Numbers;

  constructor(numbers: Numbers) {
    this.numbers = numbers;
  }
}

/** A gradient of which nothing is left to read that may run code of the user's, or go stale when memory grows. */
export type SteadyGradient = Variable | Float32Array | Float64Array | HalfStorage | Pinned | Parsed | null;

/** The gradients in a list of our own, which nothing can change any more. */
export function steadied(argument: Argument, engine: HostEngine, gradients: readonly Gradient[]): SteadyGradient[] {
  return itemsOf(gradients).map((gradient, i) => {
    const isNumbers = typeof gradient === "number" || Array.isArray(gradient);
    if (isNumbers) return new Parsed(numbersOf(argument.at(i), gradient));
    if (!isVariable(gradient) && isHalf(gradient)) return halfStorageOf(argument.at(i), engine, gradient);
    const storage = isFloats(gradient) ? engine.pin(gradient) : null;
    return storage === null ? (gradient as SteadyGradient) : new Pinned(storage); // whatever else it is, is refused below
  });
}

/** Copies of gradients, for when the variables that they may be a part of are about to change. */
export function copyGradients(argument: Argument, gradients: readonly Gradient[]): Gradient[] {
  if (!Array.isArray(gradients)) return gradients as Gradient[]; // apply says what is wrong with it
  return itemsOf<Gradient>(gradients).map((gradient, i) => {
    if (isFloats(gradient)) return ownCopy(gradient);
    if (isVariable(gradient)) return nest(storageOf(gradient).view, gradient.shape);
    if (isHalf(gradient)) return copiedHalf(argument.at(i), gradient);
    if (!Array.isArray(gradient)) return gradient;
    const { values, shape } = numbersOf(argument.at(i), gradient);
    return nest(values, shape);
  });
}

/** A gradient that is no numbers as an array of the engine, or an error. */
export function gradientArray(
  gradients: Argument,
  position: number,
  gradient: Exclude<SteadyGradient, Parsed>,
  target: Target<HostArray>,
): HostArray | null {
  if (gradient === null) return null;
  if (isFloats(gradient)) {
    if (isDetached(gradient)) throw detached(gradients.at(position));
    checkFit(gradients, position, gradient, target);
    return gradient;
  }
  if (isVariable(gradient)) {
    const storage = storageOf(gradient);
    const isOfType = storage.dtype === target.dtype;
    if (isOfType && !isSame(gradient.shape, target.shape)) {
      throw wrongShape(gradients.at(position), gradient.shape, target);
    }
    checkFit(gradients, position, storage, target);
    return storage;
  }
  if (gradient instanceof HalfStorage) {
    checkFit(gradients, position, gradient, target);
    return gradient;
  }
  if (gradient instanceof Pinned) {
    checkFit(gradients, position, gradient.storage, target);
    return gradient.storage;
  }
  const other = isUint16Array(gradient) ? HALF_REMEDY : OTHER_REMEDY;
  const requirement = `be a ${target.dtype} array for ${target.name}, a Variable, numbers or null`;
  throw gradients.at(position).badKind(requirement, gradient, variableRemedy(gradient, other));
}

const OTHER_REMEDY = "Convert other arrays with Float32Array.from; pass null where there is no gradient.";
const HALF_REMEDY =
  'Say what its bits are: { data: gradient, format: "float16" } or { data: gradient, format: "bfloat16" }.';

function checkFit(gradients: Argument, position: number, array: HostArray, target: Target<HostArray>): void {
  const dtype = ArrayBuffer.isView(array) ? floatTypeOf(array) : array.dtype;
  const length = sizeOfArray(array);
  if (dtype === target.dtype && length === target.array.length) return;
  if (dtype === target.dtype) throw wrongShape(gradients.at(position), [length], target);
  const requirement = `be ${target.dtype} as its variable ${target.name}`;
  if (array instanceof HalfStorage) {
    throw gradients
      .at(position)
      .badKind(requirement, new Verbatim(array.format), "Convert its numbers to a Float64Array.");
  }
  const remedy = `Convert it: ${target.dtype === "float32" ? "Float32Array" : "Float64Array"}.from(gradient).`;
  throw gradients.at(position).badKind(requirement, new Verbatim(dtype), remedy);
}
