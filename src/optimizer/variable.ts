// class Variable: numbers in engine memory that an optimizer updates. Parsing and printing numbers is in nested.ts.

import { defaultEngine } from "../engine/default.js";
import type { FloatArray, Storage } from "../engine/engine.js";
import type { DType } from "../rule/plan.js";
import { checkBoolean, checkKnownKeys, checkName } from "./checks.js";
import { Constraint, type ConstraintFunction } from "./constraint.js";
import { badKind, badValue, Described, StateError } from "./errors.js";
import { adviceForFace, isClass } from "./foreign.js";
import { isSame } from "./lists.js";
import { flatten, type NestedNumbers, nest, nestedText, shapeOf, shapeOfSize } from "./nested.js";

/** The options of `Variable`. */
export interface VariableOptions {
  /** The lengths of the axes; by default those of the nested arrays, `[n]` for a flat or typed array. */
  readonly shape?: readonly number[];
  /** By default `"float64"` for a Float64Array, else `"float32"`. */
  readonly dtype?: DType;
  /** A name without `/`; by default `"variable"`, `"variable_1"`, ... */
  readonly name?: string;
  /** For frameworks that keep lists of variables; optimizers update what they are given. Default `true`. */
  readonly trainable?: boolean;
  /** Applied to the variable after each update. */
  readonly constraint?: Constraint | ConstraintFunction | null;
  /** The optimizer stores the gradient as the new value, instead of a step along it. Default `false`. */
  readonly overwriteWithGradient?: boolean;
}

/** What `new Variable`, `assign` and the like take. */
export type VariableValue = NestedNumbers | Variable;

const OPTIONS = ["shape", "dtype", "name", "trainable", "constraint", "overwriteWithGradient"];
let unnamed = 0;
let disposals = 0;

/** Variables disposed of so far: as long as it stays, none that was alive has gone. */
export function disposalsSoFar(): number {
  return disposals;
}

/**
 * Numbers of one type and shape that optimizers update in place, in memory of the engine.
 *
 * The memory is owned by the variable until `dispose()`. Keras: `keras.Variable`.
 */
export class Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly trainable: boolean;
  readonly constraint: Constraint | ConstraintFunction | null;
  readonly overwriteWithGradient: boolean;
  readonly #storage: Storage;
  #disposed = false;

  /** Copies `value`. Throws a RangeError or TypeError that names the argument when value and options do not fit. */
  constructor(value: VariableValue, options: VariableOptions = {}) {
    checkKnownKeys("Variable", options, OPTIONS);
    const source = value instanceof Variable ? value.storage.view : value;
    const own = value instanceof Variable ? value.shape : shapeOf(checkedKind(source));
    const values = typeof source === "number" ? [source] : flatten("Variable", "value", source);
    this.shape = options.shape === undefined ? own : shapeOfSize("Variable", options.shape, values.length);
    this.dtype = checkedDType(options.dtype ?? (source instanceof Float64Array ? "float64" : "float32"));
    this.name = options.name === undefined ? nextName() : checkName("Variable", options.name);
    this.trainable = checkBoolean("Variable", "trainable", options.trainable ?? true);
    this.overwriteWithGradient = checkBoolean(
      "Variable",
      "overwriteWithGradient",
      options.overwriteWithGradient ?? false,
    );
    this.constraint = checkedConstraint(options.constraint ?? null, this.shape);
    this.#storage = defaultEngine().allocate(this.dtype, values.length);
    this.#storage.view.set(values);
  }

  /** Keras' path; the name, as there are no scopes here. */
  get path(): string {
    return this.name;
  }

  /** The number of elements. */
  get size(): number {
    return this.#storage.length;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /**
   * A live view of the elements in C order: what is written to it is the variable's value. Ask for it again after other
   * variables were made, since memory may have moved, and do not use it after `dispose()`. Where threads can be had, its
   * buffer is a SharedArrayBuffer, which some functions of the platform refuse: give them `value.slice()`. It lies in the memory
   * of the engine, all of which `structuredClone(value)` and `postMessage(value)` carry along, for 8 bytes, too: send
   * `value.slice()`.
   */
  get value(): FloatArray {
    return this.storage.expose();
  }

  /** The memory itself, for engines. @internal */
  get storage(): Storage {
    if (this.#disposed) throw new StateError("Variable", `${this.name} was disposed. Make a new one.`);
    return this.#storage;
  }

  /** Replaces all elements; `value` has this shape, or as many elements in one flat array. */
  assign(value: VariableValue): this {
    this.storage.view.set(this.#fitting(value));
    return this;
  }

  /** Adds element by element. */
  assignAdd(value: VariableValue): this {
    const values = this.#fitting(value);
    const target = this.storage.view;
    for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + (values[i] ?? 0);
    return this;
  }

  /** Subtracts element by element. */
  assignSub(value: VariableValue): this {
    const values = this.#fitting(value);
    const target = this.storage.view;
    for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) - (values[i] ?? 0);
    return this;
  }

  /** The only element. Throws a RangeError when there are more, or none. */
  item(): number {
    const [value] = this.storage.view;
    if (value !== undefined && this.size === 1) return value;
    const remedy = "Use toArray() or value.";
    throw badValue({
      owner: "Variable",
      argument: "size",
      requirement: "be 1 for item()",
      received: this.size,
      remedy,
    });
  }

  /** A number, or nested arrays of this shape: a copy. */
  toArray(): NestedNumbers {
    return nest(this.storage.view, this.shape);
  }

  /** The shortest text of each number, as NumPy prints it: `"9.683772"`, `"[1.0, 2.5]"`. */
  toString(): string {
    return nestedText(this.toArray(), this.dtype);
  }

  /** Gives the memory back. The variable cannot be used afterwards; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    disposals++;
    this.#storage.free();
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #fitting(value: VariableValue): ArrayLike<number> {
    return fittingNumbers("Variable", "value", value, this);
  }
}

/** What numbers must fit. */
interface Fit {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
}

/** `value` as flat numbers for an array of that shape, or an error that names both shapes. */
export function fittingNumbers(owner: string, argument: string, value: VariableValue, fit: Fit): ArrayLike<number> {
  const source = value instanceof Variable ? value.storage.view : checkedKind(value, owner, argument);
  const values = typeof source === "number" ? [source] : flatten(owner, argument, source);
  const shape = value instanceof Variable ? value.shape : shapeOf(source, owner, argument);
  const isFlat = shape.length <= 1 && values.length === fit.size;
  if (isFlat || isSame(shape, fit.shape)) return values;
  const requirement = `have the shape [${fit.shape}] of ${fit.name}, or its ${fit.size} elements in one flat array`;
  throw badValue({ owner, argument, requirement, received: new Described(`shape [${shape}]`), remedy: "Reshape it." });
}

function checkedKind<V>(value: V, owner = "Variable", argument = "value"): V {
  const isNumbers =
    typeof value === "number" ||
    Array.isArray(value) ||
    (ArrayBuffer.isView(value) && "length" in value && !isBig(value));
  if (isNumbers) return value;
  const remedy = adviceForFace(value, "rmsprop", "Pass a number, nested arrays of numbers, or a typed array.");
  throw badKind({ owner, argument, requirement: "be numbers", received: value, remedy });
}

const isBig = (value: object): boolean => value instanceof BigInt64Array || value instanceof BigUint64Array;

function checkedDType(dtype: DType): DType {
  if (dtype === "float32" || dtype === "float64") return dtype;
  const remedy = "Other types are not trained.";
  throw badValue({
    owner: "Variable",
    argument: "dtype",
    requirement: 'be "float32" or "float64"',
    received: dtype,
    remedy,
  });
}

function checkedConstraint(
  constraint: Constraint | ConstraintFunction | null,
  shape: readonly number[],
): Constraint | ConstraintFunction | null {
  if (constraint instanceof Constraint) constraint.checkShape(shape);
  const isFunction = typeof constraint === "function" && !isClass(constraint);
  if (constraint === null || constraint instanceof Constraint || isFunction) return constraint;
  const requirement = "be a Constraint, a function or null";
  const remedy = isClass(constraint) ? "Make one with new." : "Pass new constraints.NonNeg(), for example.";
  throw badKind({ owner: "Variable", argument: "constraint", requirement, received: constraint, remedy });
}

function nextName(): string {
  const number = unnamed++;
  return number === 0 ? "variable" : `variable_${number}`;
}
