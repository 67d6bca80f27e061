// Which built-in object a value is, whatever realm made it (an iframe, Jest, node:vm), and the same memory as an object of
// this realm. `instanceof` knows one realm only, and believes a prototype; what is asked of arrays here cannot be forged.

/** An array of float32 or float64 numbers. */
export type Floats = Float32Array | Float64Array;

type Getter<T> = (this: unknown) => T;

const PROTOTYPE: object = /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype);
const nameGetter = /* @__PURE__ */ getterOf<string | undefined>(PROTOTYPE, Symbol.toStringTag);
const bufferGetter = /* @__PURE__ */ getterOf<ArrayBufferLike>(PROTOTYPE, "buffer");
const offsetGetter = /* @__PURE__ */ getterOf<number>(PROTOTYPE, "byteOffset");
const byteLengthGetter = /* @__PURE__ */ getterOf<number>(PROTOTYPE, "byteLength");
const lengthGetter = /* @__PURE__ */ getterOf<number>(PROTOTYPE, "length");
const bufferLengthGetter = /* @__PURE__ */ getterOf<number>(ArrayBuffer.prototype, "byteLength");
const sourceGetter = /* @__PURE__ */ getterOf<string>(RegExp.prototype, "source");

/** The class of a typed array, such as `"Float32Array"`; undefined for anything else, a proxy of one included. */
const typedArrayName = (value: unknown): string | undefined => nameGetter.call(value);

type FloatType = "float32" | "float64";

const FLOAT_TYPES: Readonly<Record<string, FloatType>> = { Float32Array: "float32", Float64Array: "float64" };

/** The type of an array of floats; null for anything else. */
export function floatTypeOf(value: Floats): FloatType;
export function floatTypeOf(value: unknown): FloatType | null;
export function floatTypeOf(value: unknown): FloatType | null {
  return FLOAT_TYPES[typedArrayName(value) ?? ""] ?? null;
}

export const isFloats = (value: unknown): value is Floats => floatTypeOf(value) !== null;

export const isFloat32Array = (value: unknown): value is Float32Array => typedArrayName(value) === "Float32Array";

export const isFloat16Array = (value: unknown): value is ArrayLike<number> => typedArrayName(value) === "Float16Array";

export const isUint16Array = (value: unknown): value is Uint16Array => typedArrayName(value) === "Uint16Array";

export const isInt32Array = (value: unknown): value is Int32Array => typedArrayName(value) === "Int32Array";

/** A typed array whose elements are numbers: one of BigInts is none, nor is a DataView. */
export function isNumberArray(value: unknown): value is ArrayLike<number> {
  return typedArrayName(value)?.startsWith("Big") === false;
}

/** Bytes as they are handed over: Node's Buffer is a Uint8Array, too. */
export const isBytes = (value: unknown): value is Uint8Array => typedArrayName(value) === "Uint8Array";

export const isArrayBuffer = (value: unknown): value is ArrayBuffer => answers(bufferLengthGetter, value);

/** Memory that threads share. */
export const isShared = (buffer: ArrayBufferLike): boolean => tagOf(buffer) === "SharedArrayBuffer";

export const isWasmMemory = (value: unknown): value is WebAssembly.Memory => tagOf(value) === "WebAssembly.Memory";

export const isRegExp = (value: unknown): value is RegExp => answers(sourceGetter, value);

export const isError = (value: unknown): value is Error => value instanceof Error || tagOf(value) === "Error";

/** Whether it is an error of the class of this name. */
export const isErrorNamed = (name: string, value: unknown): value is Error => isError(value) && value.name === name;

/** What an error says; whatever else was thrown, as text. */
export const reasonOf = (cause: unknown): string => (isError(cause) ? cause.message : String(cause));

/** An object literal, or one without a prototype; no instance of a class. */
export function isPlainObject(value: unknown): value is object {
  if (tagOf(value) !== "Object") return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The number of elements, whatever the typed array says of itself. */
export const lengthOf = (array: ArrayLike<number>): number => lengthGetter.call(array);

/** The memory that the elements of a typed array lie in. */
export const bufferOf = (array: ArrayLike<number>): ArrayBufferLike => bufferGetter.call(array);

/** The first byte of the elements in their memory, and the one after the last. */
export function placeOf(array: ArrayLike<number>): { readonly start: number; readonly end: number } {
  const start = offsetGetter.call(array);
  return { start, end: start + byteLengthGetter.call(array) };
}

/** The memory of a typed array was transferred. */
export function isDetached(array: ArrayLike<number>): boolean {
  if (lengthOf(array) > 0) return false;
  try {
    new Uint8Array(bufferGetter.call(array)); // this asks the memory itself
    return false;
  } catch {
    return true;
  }
}

const TYPES = { Float32Array, Float64Array, Uint8Array } as const;

/**
 * The same memory as an array of this realm: whatever the given one says of itself (Node's Buffer has a `slice` that is a
 * view, a class that extends a typed array may have any), and whatever becomes of it, the view stays as it is.
 */
export const ownView = <A extends Floats | Uint8Array>(array: A): A => ownPart(array, 0, lengthOf(array));

/** As `ownView`, of `length` elements from `start` on. */
export function ownPart<A extends Floats | Uint8Array>(array: A, start: number, length: number): A {
  const Type = TYPES[typedArrayName(array) as keyof typeof TYPES]; // there are no others of type A
  if (length === 0) return new Type(0) as A; // also where the memory is gone
  const at = offsetGetter.call(array) + start * Type.BYTES_PER_ELEMENT;
  return new Type(bufferGetter.call(array) as ArrayBuffer, at, length) as A; // of the class of the given one
}

/** The bits of `length` elements of two bytes from `start` on: a view of their memory. */
export function bitsOf(array: ArrayLike<number>, start: number, length: number): Uint16Array {
  if (length === 0) return new Uint16Array(0);
  const { BYTES_PER_ELEMENT } = Uint16Array;
  const at = offsetGetter.call(array) + start * BYTES_PER_ELEMENT;
  return new Uint16Array(bufferGetter.call(array) as ArrayBuffer, at, length); // or a shared one
}

/** The same elements as an array of this realm with memory of its own. */
export function ownCopy<A extends Floats | Uint8Array>(array: A): A {
  const Type = TYPES[typedArrayName(array) as keyof typeof TYPES]; // there are no others of type A
  return new Type(array) as A; // of the class of the given one
}

/** A getter of a built-in class throws for anything else. */
function answers(getter: Getter<unknown>, value: unknown): boolean {
  try {
    getter.call(value);
    return true;
  } catch {
    return false;
  }
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice("[object ".length, -1);

function getterOf<T>(owner: object, key: PropertyKey): Getter<T> {
  return Object.getOwnPropertyDescriptor(owner, key)?.get as Getter<T>; // the language has it
}
