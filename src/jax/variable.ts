// class Variable of "rmsprop/jax": a place for an array that an optimizer replaces. Arrays of jax-js themselves never change.

/// <reference lib="esnext.disposable" preserve="true" />

import type { numpy as np } from "@jax-js/jax";
import { argumentsOf } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { INSPECT, notCloned } from "../check/inspect.js";
import { Unwrapped } from "../check/unwrapped.js";
import {
  isNested,
  type NestedNumbers,
  type Numbers,
  nest,
  nestedText,
  numbersOf,
  shapeOfSize,
  variableText,
} from "../core/nested-numbers.js";
import { arrayFrom } from "./ops/ops.js";
import { checkFloat32, checkReferenced, checkShape, isArray } from "./tree.js";

const OWNER = "Variable";
const argument = argumentsOf(OWNER);
const OPTIONS = ["shape", "name", "trainable", "dtype", "constraint", "overwriteWithGradient"];
const NOT_CLONED = notCloned("the numbers of a Variable are an array of jax-js: clone variable.value");
let count = 0;

/** The options of `Variable`: those of `"rmsprop"`, as far as this face has them. */
export interface VariableOptions {
  /** The lengths of the axes; by default those of the array or of the nested numbers. */
  readonly shape?: readonly number[] | undefined;
  /** Without `/`; by default "variable", "variable_1", ... */
  readonly name?: string | undefined;
  /** For frameworks that keep lists of variables; optimizers update what they are given. Default `true`. */
  readonly trainable?: boolean | undefined;
  /** The only type of this face. */
  readonly dtype?: "float32" | undefined;
  /** A step of this face applies none. */
  readonly constraint?: null | undefined;
  /** The optimizer stores the gradient as the new value, instead of a step along it. Default `false`. */
  readonly overwriteWithGradient?: boolean | undefined;
}

/** What `"rmsprop"` has and this face has not: the only value, and what to do instead of another. */
const FIXED = [
  ["dtype", "float32", "Leave it out, or use the Variable of core for float64."],
  ["constraint", null, "After each step, v.assign(np.array(fn(v.value, v.shape)).reshape(v.shape))."],
] as const;

/** As `assign`, for an array that is known to fit. A ReferenceError when the variable was disposed of. */
export let replaceArray: (variable: Variable, array: np.Array) => void;

/** Throws a StateError for a variable that was disposed of, or holds what a loss is traced with. */
export let checkFree: (variable: Variable) => void;

/** Runs `fn` while a variable holds another array, and puts its own back. The other one stays with the caller. */
export let withArray: <T>(variable: Variable, array: np.Array, fn: () => T) => T;

/** A float32 array with a name, whose value an optimizer of this face updates. */
export class Variable extends Unwrapped {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly dtype = "float32";
  readonly trainable: boolean;
  readonly overwriteWithGradient: boolean;
  /** For `structuredClone`. @internal */
  readonly cloning: symbol = NOT_CLONED;
  #array: np.Array | null;
  #isLent = false;

  static {
    replaceArray = (variable, array) => variable.#replace(array);
    checkFree = (variable) => variable.#checkFree();
    withArray = (variable, array, fn) => variable.#holding(array, fn);
  }

  /** @param value numbers, which are copied, or an array, which the variable takes: pass its `.ref` to keep it */
  constructor(value: NestedNumbers | np.Array, options: VariableOptions = {}) {
    super();
    argument("options").keys(options, OPTIONS);
    checkFixed(options);
    const { name, shape } = options;
    this.name = name === undefined ? `variable${count === 0 ? "" : `_${count}`}` : argument("name").kerasName(name);
    this.trainable = argument("trainable").boolean(options.trainable ?? true);
    this.overwriteWithGradient = argument("overwriteWithGradient").boolean(options.overwriteWithGradient ?? false);
    this.#array = arrayOf(checkedValue(value), shape);
    this.shape = [...this.#array.shape];
    this.size = this.#array.size;
    if (name === undefined) count++;
  }

  /** One more reference to the present array, as jax-js writes it: `np.square(v.ref)`. Whoever takes it uses it up. */
  get ref(): np.Array {
    return this.#held().ref;
  }

  /** Replaces the array; takes the new one. */
  assign(value: NestedNumbers | np.Array): void {
    const given = checkedValue(value);
    this.#checkFree(); // after the value, of which reading may run code of the user's
    checkShape(argument("value"), given, this);
    this.#replace(arrayOf(given));
  }

  #replace(array: np.Array): void {
    const before = this.#array;
    if (before === null) {
      array.dispose();
      throw new ReferenceError(`${OWNER}: ${this.name} was disposed. Make a new one.`);
    }
    this.#array = array;
    before.dispose();
  }

  #checkFree(): void {
    this.#held();
    if (!this.#isLent) return;
    const problem = `${this.name} is a traced array as long as a loss is computed`;
    throw new StateError(OWNER, `${problem}. Change it before or after minimize(), not within the loss function.`);
  }

  #holding<T>(array: np.Array, fn: () => T): T {
    this.#checkFree();
    const own = this.#array;
    this.#array = array;
    this.#isLent = true;
    try {
      return fn();
    } finally {
      this.#array = own;
      this.#isLent = false;
    }
  }

  get disposed(): boolean {
    return this.#array === null;
  }

  /** A copy of the elements in C order; waits for the device. */
  get value(): Float32Array {
    // A float32 array gives nothing else, and always a copy.
    return this.ref.dataSync() as Float32Array;
  }

  /** The number of a variable of size 1. */
  item(): number {
    return this.ref.item();
  }

  /** A number or nested arrays. */
  toArray(): NestedNumbers {
    return nest(this.value, this.shape);
  }

  /** Numbers in JSON: those of `toArray()`. */
  toJSON(): NestedNumbers {
    return this.toArray();
  }

  /** One line, for a console. @internal */
  [INSPECT](): string {
    return this.#isLent ? `Variable ${this.name} (traced by a loss)` : variableText(this);
  }

  /** As NumPy prints it: `"9.683772"`. */
  override toString(): string {
    return nestedText(this.toArray(), "float32");
  }

  /** Gives the array back. The variable cannot be used afterwards. */
  dispose(): void {
    if (this.#array === null) return;
    this.#checkFree();
    this.#array.dispose();
    this.#array = null;
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #held(): np.Array {
    if (this.#array === null) throw new StateError(OWNER, `${this.name} was disposed. Make a new one.`);
    return this.#array;
  }
}

function checkedValue(value: NestedNumbers | np.Array): Numbers | np.Array {
  if (isArray(value)) {
    checkReferenced(argument("value"), value);
    checkFloat32(argument("value"), value);
    return value;
  }
  if (isNested(value)) return numbersOf(argument("value"), value);
  const remedy = "Pass numbers, nested arrays of numbers, a typed array, or an array of jax-js.";
  throw argument("value").badKind("be numbers or an array", value, remedy);
}

/** An array in that shape, by default its own; uses up the one that is given, unless it throws. */
function arrayOf(given: Numbers | np.Array, shape?: readonly number[]): np.Array {
  if (!("values" in given))
    return shape === undefined ? given : given.reshape([...shapeOfSize(argument("shape"), shape, given.size)]);
  const { values, shape: own } = given;
  return arrayFrom(values, shape === undefined ? own : shapeOfSize(argument("shape"), shape, values.length));
}

function checkFixed(options: VariableOptions): void {
  for (const [option, only, remedy] of FIXED) {
    const received = options[option];
    if (received === undefined || received === only) continue;
    throw argument(option).badKind(`be ${only}, which is all that this face has`, received, remedy);
  }
}
