// class Variable: numbers in engine memory that an optimizer updates. Parsing and printing numbers is in core/nested-numbers.ts.

/// <reference lib="esnext.disposable" preserve="true" />

import { argumentsOf } from "../check/argument.js";
import { bufferOf, floatTypeOf, isFloats, ownCopy, placeOf } from "../check/built-ins.js";
import { StateError } from "../check/errors.js";
import { isClass } from "../check/foreign-objects.js";
import { INSPECT, notCloned } from "../check/inspect.js";
import { variableName } from "../check/names.js";
import { Unwrapped } from "../check/unwrapped.js";
import { Constraint, type ConstraintFunction } from "../constraints/constraint.js";
import { type NestedNumbers, nest, nestedText, shapeOfSize, variableText } from "../core/nested-numbers.js";
import { countDisposal } from "../core/run/call.js";
import { defaultEngine } from "../engine/default-engine.js";
import type { FloatArray, Storage } from "../engine/engine.js";
import type { DType } from "../rule/plan.js";
import { fittingNumbers, numbersIn } from "./inputs/values.js";
import { isVariable, openVariables, storageOf, type VariableAccess } from "./variable-memory.js";

/** The options of `Variable`. */
export interface VariableOptions {
  /** The lengths of the axes; by default those of the nested arrays, `[n]` for a flat or typed array. */
  readonly shape?: readonly number[] | undefined;
  /** By default `"float64"` for a Float64Array, else `"float32"`. */
  readonly dtype?: DType | undefined;
  /** A name without `/`; by default `"variable"`, `"variable_1"`, ... */
  readonly name?: string | undefined;
  /** For frameworks that keep lists of variables; optimizers update what they are given. Default `true`. */
  readonly trainable?: boolean | undefined;
  /** Applied to the variable after each update. */
  readonly constraint?: Constraint | ConstraintFunction | null | undefined;
  /** The optimizer stores the gradient as the new value, instead of a step along it. Default `false`. */
  readonly overwriteWithGradient?: boolean | undefined;
}

/** What `new Variable`, `assign` and the like take. */
export type VariableValue = NestedNumbers | Variable;

const OWNER = "Variable";
const argument = argumentsOf(OWNER);
const OPTIONS = ["shape", "dtype", "name", "trainable", "constraint", "overwriteWithGradient"];
const NOT_CLONED = notCloned("the numbers of a Variable lie in the engine's memory: clone variable.value.slice()");
let unnamed = 0;

/**
 * Numbers of one type and shape that optimizers update in place, in memory of the engine.
 *
 * The memory is owned by the variable until `dispose()`. Keras: `keras.Variable`.
 */
export class Variable extends Unwrapped {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly trainable: boolean;
  readonly constraint: Constraint | ConstraintFunction | null;
  readonly overwriteWithGradient: boolean;
  /** For `structuredClone`. @internal */
  readonly cloning: symbol = NOT_CLONED;
  readonly #storage: Storage;
  #disposed = false;

  // No static block, which React Native's Babel preset does not know.
  static readonly #access: VariableAccess = {
    isVariable: (value): value is Variable => typeof value === "object" && value !== null && #storage in value,
    isProxy: (value) => value instanceof Variable,
    storageOf: (variable) => {
      const own = variable as Variable; // isVariable has said so
      if (!own.#disposed) return own.#storage;
      throw new StateError(OWNER, `${own.name} was disposed. Make a new one.`);
    },
  };

  /** Copies `value`. Throws a RangeError or TypeError that names the argument when value and options do not fit. */
  constructor(value: VariableValue, options: VariableOptions = {}) {
    super();
    openVariables(Variable.#access);
    argument("options").keys(options, OPTIONS);
    // Each is read once, and the value after them: reading may run code of the user's.
    const { shape, dtype, name, trainable = true, constraint = null, overwriteWithGradient = false } = options;
    const numbers = numbersIn(argument("value"), value);
    const { values } = numbers;
    this.shape =
      shape === undefined ? Object.freeze([...numbers.shape]) : shapeOfSize(argument("shape"), shape, values.length);
    const usual = (isVariable(value) ? value.dtype : floatTypeOf(value)) ?? "float32";
    this.dtype = argument("dtype").choice(dtype ?? usual, ["float32", "float64"]);
    const given = name === undefined ? null : argument("name").kerasName(name);
    this.trainable = argument("trainable").boolean(trainable);
    this.overwriteWithGradient = argument("overwriteWithGradient").boolean(overwriteWithGradient);
    this.constraint = checkedConstraint(constraint, this.shape);
    this.#storage = defaultEngine().allocate(this.dtype, values);
    this.name = given ?? variableName(unnamed++);
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
    return storageOf(this).expose();
  }

  /** Replaces all elements; `value` has this shape, or as many elements in one flat array. */
  assign(value: VariableValue): this {
    const values = this.#fitting(value); // may run code of the user's, which may make memory grow
    storageOf(this).view.set(values);
    return this;
  }

  /** Adds element by element. */
  assignAdd(value: VariableValue): this {
    const values = this.#fitting(value);
    const target = storageOf(this).view;
    for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + (values[i] ?? 0);
    return this;
  }

  /** Subtracts element by element. */
  assignSub(value: VariableValue): this {
    const values = this.#fitting(value);
    const target = storageOf(this).view;
    for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) - (values[i] ?? 0);
    return this;
  }

  /** The only element. Throws a RangeError when there are more, or none. */
  item(): number {
    const [value] = storageOf(this).view;
    if (value !== undefined && this.size === 1) return value;
    throw argument("size").badValue("be 1 for item()", this.size, "Use toArray() or value.");
  }

  /** A number, or nested arrays of this shape: a copy. */
  toArray(): NestedNumbers {
    return nest(storageOf(this).view, this.shape);
  }

  /** Numbers in JSON: those of `toArray()`. */
  toJSON(): NestedNumbers {
    return this.toArray();
  }

  /** One line, for a console. @internal */
  [INSPECT](): string {
    return variableText(this);
  }

  /** The shortest text of each number, as NumPy prints it: `"9.683772"`, `"[1.0, 2.5]"`. */
  override toString(): string {
    return nestedText(this.toArray(), this.dtype);
  }

  /** Gives the memory back. The variable cannot be used afterwards; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    countDisposal();
    this.#storage.free();
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Reading the value may run code of the user's: ask for the memory afterwards. */
  #fitting(value: VariableValue): ArrayLike<number> {
    const array = storageOf(this);
    const { view } = array;
    const values = fittingNumbers(argument("value"), value, { name: this.name, shape: this.shape, array });
    return isFloats(values) && overlapsElsewhere(values, view) ? ownCopy(values) : values;
  }
}

/** Whether two arrays share memory, and element i of one is another element than that of the other. */
function overlapsElsewhere(a: FloatArray, b: FloatArray): boolean {
  if (bufferOf(a) !== bufferOf(b)) return false;
  const [of, other] = [placeOf(a), placeOf(b)];
  return of.start < other.end && other.start < of.end && of.start !== other.start;
}

function checkedConstraint(constraint: Variable["constraint"], shape: readonly number[]): Variable["constraint"] {
  if (constraint instanceof Constraint) constraint.checkShape(shape);
  const isFunction = typeof constraint === "function" && !isClass(constraint);
  if (constraint === null || constraint instanceof Constraint || isFunction) return constraint;
  const remedy = isClass(constraint) ? "Make one with new." : "Pass new constraints.NonNeg(), for example.";
  throw argument("constraint").badKind("be a Constraint, a function or null", constraint, remedy);
}
