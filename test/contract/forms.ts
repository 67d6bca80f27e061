// The same elements in arrays as others hand them over: of another realm, of a class that lies, over any memory. No test
// framework: child processes may use it, too.
import vm from "node:vm";

const elsewhere = vm.createContext({});

/** What a program of another realm gives, as in an iframe, in jsdom or under Jest. */
export function thereOf<T>(code: string): T {
  return vm.runInContext(code, elsewhere) as T;
}

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;
type NumbersClass = new (source: unknown, byteOffset?: number, length?: number) => Numbers;

/** The same value, made by another realm: typed arrays, arrays and plain objects, as deep as they go. */
export function abroad<T>(value: T): T {
  return transferred(value) as T;
}

function transferred(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    const array = value as Numbers;
    return new (thereOf<NumbersClass>(array.constructor.name))(array);
  }
  if (Array.isArray(value)) return thereOf<ArrayConstructor>("Array").from(value, transferred);
  if (value instanceof RegExp) return new (thereOf<RegExpConstructor>("RegExp"))(value);
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value as object).map(([key, item]) => [key, transferred(item)]);
  return thereOf<ObjectConstructor>("Object").fromEntries(entries);
}

/** What may never be asked of an array. */
function forbidden(): never {
  throw new Error("asked what the class of the array says of itself");
}

/** Properties of an array, of its own or of its class, that say what is not so. */
export const LIES: PropertyDescriptorMap = {
  ...Object.fromEntries(
    ["length", "byteLength", "byteOffset", "buffer", "constructor"].map((name) => [name, { get: () => 1 }]),
  ),
  ...Object.fromEntries(
    ["set", "subarray", "slice", "map", "every", "fill", "indexOf", "values"].map((name) => [
      name,
      { value: forbidden },
    ]),
  ),
  [Symbol.iterator]: { value: forbidden },
};

/** By what it is called: an array of the same class, or one that extends it, with the same elements. */
export const FORMS: Readonly<Record<string, <A extends Numbers>(array: A) => A>> = {
  "of another realm": abroad,
  "of a class that extends it, and lies": (array) => {
    const made = copied(array);
    const prototype = Object.create(Object.getPrototypeOf(array), LIES);
    return Object.setPrototypeOf(made, prototype);
  },
  "with properties of its own that lie": (array) => Object.defineProperties(copied(array), LIES),
  "over shared memory": (array) => placed(array, new SharedArrayBuffer(array.byteLength), 0),
  "in the middle of a buffer": (array) => {
    const { BYTES_PER_ELEMENT: step } = array;
    return placed(array, new ArrayBuffer(array.byteLength + 5 * step), 3 * step);
  },
};

function copied<A extends Numbers>(array: A): A {
  return placed(array, new ArrayBuffer(array.byteLength), 0);
}

function placed<A extends Numbers>(array: A, buffer: ArrayBufferLike, byteOffset: number): A {
  const made = new (array.constructor as NumbersClass)(buffer, byteOffset, array.length);
  made.set(array);
  return made as A; // of the class of the array
}

/** The elements, whatever the class of the array says. */
export function elementsIn(array: Float32Array | Float64Array): number[] {
  return Array.from({ length: lengthGetter?.call(array) }, (_, i) => array[i] ?? Number.NaN);
}

/** The memory, whatever the class of the array says. */
export function bufferOf(array: Float32Array | Float64Array): ArrayBufferLike {
  return bufferGetter?.call(array);
}

const bufferGetter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "buffer")?.get;
const lengthGetter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "length")?.get;

/** Bytes as they are handed over, and the whole memory that they lie in, in which nothing may change. */
export interface GivenBytes {
  readonly bytes: Uint8Array;
  readonly memory: Uint8Array;
}

/** By what they are called: the same bytes from `offset` on. */
export const BYTE_FORMS: Readonly<Record<string, (bytes: Uint8Array, offset: number) => GivenBytes>> = {
  "a Buffer": (bytes, offset) => {
    const memory = Buffer.alloc(bytes.length + offset + 7, 0xa5);
    memory.set(bytes, offset);
    return { bytes: memory.subarray(offset, offset + bytes.length), memory };
  },
  "a Uint8Array": (bytes, offset) => within(bytes, new ArrayBuffer(bytes.length + offset + 7), offset),
  "shared memory": (bytes, offset) => within(bytes, new SharedArrayBuffer(bytes.length + offset + 7), offset),
  "another realm": (bytes, offset) => {
    const { memory } = within(bytes, new ArrayBuffer(bytes.length + offset + 7), offset);
    const Foreign = thereOf<Uint8ArrayConstructor>("Uint8Array");
    return { bytes: new Foreign(memory.buffer, offset, bytes.length), memory };
  },
  "a class that lies": (bytes, offset) => {
    const given = within(bytes, new ArrayBuffer(bytes.length + offset + 7), offset);
    return { ...given, bytes: Object.setPrototypeOf(given.bytes, Object.create(Uint8Array.prototype, LIES)) };
  },
};

function within(bytes: Uint8Array, buffer: ArrayBufferLike, offset: number): GivenBytes {
  const memory = new Uint8Array(buffer).fill(0xa5);
  memory.set(bytes, offset);
  return { bytes: new Uint8Array(buffer, offset, bytes.length), memory };
}
