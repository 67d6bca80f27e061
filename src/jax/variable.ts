// class Variable of "rmsprop/jax": a place for an array that an optimizer replaces. Arrays of jax-js themselves never change.
import { numpy as np } from "@jax-js/jax";
import { Unwrapped } from "../check/unwrapped.js";
import { checkName } from "../optimizer/checks.js";
import { badKind, Described, StateError } from "../optimizer/errors.js";
import { isNested, type NestedNumbers, type Numbers, nest, nestedText, numbersOf } from "../optimizer/nested.js";
import { arrayFrom } from "./ops.js";
import { checkAlive, checkShape, isArray } from "./tree.js";

const OWNER = "Variable";
let count = 0;

/** The options of `Variable`. */
export interface VariableOptions {
  /** Without `/`; by default "variable", "variable_1", ... */
  readonly name?: string;
}

/** A float32 array with a name, whose value an optimizer of this face updates. */
export class Variable extends Unwrapped {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly dtype = "float32";
  #array: np.Array | null;
  #isLent = false;

  /** @param value numbers, which are copied, or an array, which the variable takes: pass its `.ref` to keep it */
  constructor(value: NestedNumbers | np.Array, { name }: VariableOptions = {}) {
    super();
    this.name = name === undefined ? `variable${count === 0 ? "" : `_${count}`}` : checkName(OWNER, name);
    const array = isArray(value) ? checkedArray(value) : arrayOf(value);
    this.#array = array;
    this.shape = [...array.shape];
    this.size = array.size;
    if (name === undefined) count++;
  }

  /** One more reference to the present array, as jax-js writes it: `np.square(v.ref)`. Whoever takes it uses it up. */
  get ref(): np.Array {
    return this.#held().ref;
  }

  /** Replaces the array; takes the new one. */
  assign(value: NestedNumbers | np.Array): void {
    const given = isArray(value) ? checkedArray(value) : checkedNumbers(value);
    this.checkFree(); // after the value, of which reading may run code of the user's
    checkShape(OWNER, "value", given, this.shape, this.name);
    this.replace("values" in given ? arrayFrom(given.values, given.shape) : given);
  }

  /** As `assign`, for an array that is known to fit. A ReferenceError when the variable was disposed of. @internal */
  replace(array: np.Array): void {
    const before = this.#array;
    if (before === null) {
      array.dispose();
      throw new ReferenceError(`${OWNER}: ${this.name} was disposed. Make a new one.`);
    }
    this.#array = array;
    before.dispose();
  }

  /** Throws a StateError when it was disposed, or holds what a loss is traced with. @internal */
  checkFree(): void {
    this.#held();
    if (!this.#isLent) return;
    const problem = `${this.name} is a traced array as long as a loss is computed`;
    throw new StateError(OWNER, `${problem}. Change it before or after minimize(), not within the loss function.`);
  }

  /** Runs `fn` while the variable holds another array, and puts its own back. The other one stays with the caller. */
  holding<T>(array: np.Array, fn: () => T): T {
    this.checkFree();
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

  get isDisposed(): boolean {
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

  /** As NumPy prints it: `"9.683772"`. */
  override toString(): string {
    return nestedText(this.toArray(), "float32");
  }

  /** Gives the array back. The variable cannot be used afterwards. */
  dispose(): void {
    if (this.#array === null) return;
    this.checkFree();
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

function checkedArray(array: np.Array): np.Array {
  checkAlive(OWNER, "value", array);
  if (array.dtype === np.float32) return array;
  const received = new Described(array.dtype);
  throw badKind({
    ...{ owner: OWNER, argument: "value", requirement: "be float32", received },
    remedy: "Use astype(np.float32).",
  });
}

function arrayOf(value: NestedNumbers): np.Array {
  const { values, shape } = checkedNumbers(value);
  return arrayFrom(values, shape);
}

function checkedNumbers(value: NestedNumbers): Numbers {
  if (isNested(value)) return numbersOf(OWNER, "value", value);
  const remedy = "Pass numbers, nested arrays of numbers, a typed array, or an array of jax-js.";
  throw badKind({ owner: OWNER, argument: "value", requirement: "be numbers or an array", received: value, remedy });
}
