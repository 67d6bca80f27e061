// What a value is, by what made it and not by what it says of itself.
import vm from "node:vm";
import { expect, test } from "vitest";
import {
  isArrayBuffer,
  isBytes,
  isDetached,
  isError,
  isErrorNamed,
  isFloat32Array,
  isFloats,
  isInt32Array,
  isNumberArray,
  isPlainObject,
  isRegExp,
  isShared,
  isWasmMemory,
  lengthOf,
  ownCopy,
  ownPart,
  ownView,
  placeOf,
  reasonOf,
} from "./built-ins.js";

const elsewhere = vm.createContext({});
const there = (code: string): unknown => vm.runInContext(code, elsewhere);
const tagged = (tag: string): object => ({
  [Symbol.toStringTag]: tag,
  length: 1,
  byteLength: 1,
  source: "a",
  message: "m",
});

type Ask = (value: unknown) => boolean;

/** Each question with what it is true of, made here and elsewhere, and what only seems so. */
const QUESTIONS: readonly (readonly [Ask, readonly string[], readonly unknown[]])[] = [
  [isFloats, ["new Float32Array(1)", "new Float64Array(1)", "new (class A extends Float32Array {})(1)"], [[1]]],
  [isFloat32Array, ["new Float32Array(1)"], [new Float64Array(1), tagged("Float32Array")]],
  [isInt32Array, ["new Int32Array(1)"], [new Uint32Array(1), tagged("Int32Array")]],
  [isNumberArray, ["new Int8Array(1)", "new Uint8ClampedArray(1)", "new Float32Array(1)"], [[1], new BigInt64Array(1)]],
  [isBytes, ["new Uint8Array(1)"], [new Uint8ClampedArray(1), new DataView(new ArrayBuffer(1)), tagged("Uint8Array")]],
  [isArrayBuffer, ["new ArrayBuffer(1)"], [new SharedArrayBuffer(1), new Uint8Array(1), tagged("ArrayBuffer")]],
  [isShared as Ask, ["new SharedArrayBuffer(1)"], [new ArrayBuffer(1)]],
  [isWasmMemory, ["new WebAssembly.Memory({ initial: 1 })"], [new ArrayBuffer(1)]],
  [isRegExp, ["/a/g"], ["a", tagged("RegExp"), new Proxy(/a/, {})]],
  [isError, ["new Error('m')", "new RangeError('m')", "new (class A extends Error {})('m')"], ["m", { message: "m" }]],
  [isPlainObject, ["({ a: 1 })", "Object.create(null)"], [[], null, new Map(), new (class A {})(), () => undefined]],
];

test.each(QUESTIONS.map((question) => [question[0].name, ...question] as const))(
  "%s answers alike in every realm, and is not deceived",
  (name, ask, codes, others) => {
    for (const code of codes) {
      const values: unknown[] = [vm.runInThisContext(code), there(code)];
      expect(values.map(ask), code).toEqual([true, true]);
      if (typeof values[0] === "object" && name.startsWith("isF"))
        expect(ask(new Proxy(values[0] as object, {}))).toBe(false);
    }
    for (const value of [...others, undefined, 1, "text"]) expect(ask(value)).toBe(false);
  },
);

test("Node's Buffer is bytes; a view of it is a plain Uint8Array, whose slice is a copy", () => {
  const buffer = Buffer.from([1, 2, 3, 4]);
  const view = ownView(buffer.subarray(1));
  expect(isBytes(buffer)).toBe(true);
  expect(Object.getPrototypeOf(view) === Uint8Array.prototype).toBe(true);
  expect([...view]).toEqual([2, 3, 4]);
  view.slice().fill(9);
  expect([...buffer]).toEqual([1, 2, 3, 4]);
  view[0] = 7;
  expect(buffer[1]).toBe(7);
  ownCopy(buffer).fill(9);
  expect([...buffer]).toEqual([1, 7, 3, 4]);
});

test("parts, places and lengths are what they are, whatever the class says", () => {
  class Lying extends Float32Array {
    override get length(): number {
      return 1;
    }
    override get byteOffset(): number {
      return 0;
    }
  }
  const lying = new Lying(Float32Array.of(1, 2, 3, 4).buffer, 4, 3);
  expect(lengthOf(lying)).toBe(3);
  expect(placeOf(lying)).toEqual({ start: 4, end: 16 });
  expect([...ownPart(lying, 1, 2)]).toEqual([3, 4]);
  expect([isDetached(lying), isDetached(new Float32Array(0))]).toEqual([false, false]);
  structuredClone(lying.buffer, { transfer: [lying.buffer as ArrayBuffer] });
  expect([isDetached(lying), lengthOf(lying), ownView(lying).length]).toEqual([true, 0, 0]);
});

test("an error of another realm is known by its name, and says what it says", () => {
  const error = there("new RangeError('too large')");
  expect([isErrorNamed("RangeError", error), isErrorNamed("TypeError", error)]).toEqual([true, false]);
  expect([error, "text", new DOMException("gone"), undefined].map(reasonOf)).toEqual([
    ...["too large", "text", "gone", "undefined"],
  ]);
});
