// Numbers as users write them - one number, nested arrays, typed arrays - and as text. Who keeps them is in plain/variable.ts.

import { checkNumbers } from "../check/arguments.js";
import { isDetached, isFloats, isNumberArray, lengthOf, ownView } from "../check/built-ins.js";
import { badKind, badValue, Verbatim } from "../check/errors.js";
import { itemsOf, sizeOf } from "../check/lists.js";
import type { DType } from "../rule/plan.js";

/** A number, or arrays of arrays of numbers, each level of one length. */
export type NestedNumbers = number | ArrayLike<number> | readonly NestedNumbers[];

/** As many as NumPy takes. */
const MAX_AXES = 64;

/** Numbers as they are kept: all of them in C order, and the lengths of their axes. */
export interface Numbers {
  readonly shape: readonly number[];
  /** A view of the same memory where the numbers came as a typed array of floats; else a copy. */
  readonly values: ArrayLike<number>;
}

/** Throws when the memory under a view is gone, which can be told only by trying to view it again. */
export function checkAttached(owner: string, argument: string, view: Float32Array | Float64Array): void {
  if (!isDetached(view)) return;
  const received = new Verbatim("a detached array");
  const remedy = "It was transferred: pass the new array.";
  throw badValue({ owner, argument, requirement: "have its memory", received, remedy });
}

/** Whether it may be numbers: what is in it says `numbersOf`. */
export function isNested(value: unknown): value is NestedNumbers {
  return typeof value === "number" || Array.isArray(value) || isNumberArray(value);
}

/** The lengths of axes, or an error. */
export function checkedShape(owner: string, argument: string, shape: readonly number[]): readonly number[] {
  return Object.freeze(checkNumbers(owner, argument, shape, { integer: true, min: 0 }));
}

/** The `shape` of an option as one of so many elements, or an error. */
export function shapeOfSize(owner: string, shape: readonly number[], size: number): readonly number[] {
  const lengths = checkedShape(owner, "shape", shape);
  if (sizeOf(lengths) === size) return lengths;
  const requirement = `hold as many elements as value, which has ${size}`;
  const received = new Verbatim(`[${lengths}]`);
  throw badValue({ owner, argument: "shape", requirement, received, remedy: "Correct shape or value." });
}

/**
 * The numbers of `value`, or an error: every level has one length, and there is nothing but numbers. Each length and item is
 * read once, since it may be another one the next time.
 */
export function numbersOf(owner: string, argument: string, value: NestedNumbers): Numbers {
  if (isFloats(value)) {
    checkAttached(owner, argument, value);
    return { shape: [lengthOf(value)], values: ownView(value) };
  }
  if (isNumberArray(value)) {
    const values = new Float64Array(value);
    return { shape: [values.length], values };
  }
  // The first item of each level says what its length is, the first number how many levels there are.
  const [shape, values]: [number[], number[]] = [[], []];
  const readItems = (items: ArrayLike<unknown>, level: number): void => {
    const { length } = items;
    const expected = shape[level];
    if (expected === undefined) shape.push(length);
    checkLevel(owner, argument, { level, length, expected, received: items });
    for (let i = 0; i < length; i++) read(items[i], level + 1);
  };
  const read = (item: unknown, level: number): void => {
    const isDeepEnough = values.length > 0 && level >= shape.length;
    if (Array.isArray(item) && !isDeepEnough) readItems(item, level);
    else if (isNumberArray(item) && !isDeepEnough) readItems(new Float64Array(item), level);
    else values.push(checkedNumber(owner, argument, { item, isTooEarly: level < shape.length, at: values.length }));
  };
  read(value, 0);
  return { shape, values };
}

interface Level {
  readonly level: number;
  readonly length: number;
  /** The length of this level; undefined for the first array of it. */
  readonly expected: number | undefined;
  readonly received: unknown;
}

function checkLevel(owner: string, argument: string, { level, length, expected = length, received }: Level): void {
  if (level >= MAX_AXES) {
    const requirement = `have ${MAX_AXES} levels at most`;
    throw badValue({ owner, argument, requirement, received, remedy: "Does it contain itself?" });
  }
  if (length === expected) return;
  const requirement = `have one length on each level, here ${expected}`;
  throw badValue({ owner, argument, requirement, received, remedy: "Make all rows equally long." });
}

interface Item {
  readonly item: unknown;
  /** Where it stands there were arrays before. */
  readonly isTooEarly: boolean;
  readonly at: number;
}

function checkedNumber(owner: string, argument: string, { item, isTooEarly, at }: Item): number {
  if (typeof item !== "number") {
    const remedy = "Pass numbers, nested arrays of numbers, a Float32Array or a Float64Array.";
    throw badKind({ owner, argument: `${argument}[${at}]`, requirement: "be a number", received: item, remedy });
  }
  if (!isTooEarly) return item;
  const requirement = "have arrays on each level but the last";
  throw badKind({ owner, argument, requirement, received: item, remedy: "Make all rows equally deep." });
}

/** A flat list of numbers, each read once before any is written elsewhere, or an error for anything else in it. */
export function flatNumbers(owner: string, argument: string, values: ArrayLike<number>): ArrayLike<number> {
  if (isFloats(values)) return ownView(values);
  return itemsOf(values).map((value, i) => {
    if (typeof value === "number") return value;
    const remedy = "Pass numbers.";
    throw badKind({ owner, argument: `${argument}[${i}]`, requirement: "be a number", received: value, remedy });
  });
}

/** The reverse: numbers in C order as nested arrays. */
export function nest(values: ArrayLike<number>, shape: readonly number[]): NestedNumbers {
  return nestFrom(values, shape, 0, values.length);
}

function nestFrom(values: ArrayLike<number>, shape: readonly number[], start: number, size: number): NestedNumbers {
  const [length, ...inner] = shape;
  if (length === undefined) return values[start] ?? Number.NaN;
  if (inner.length === 0) return Array.from({ length }, (_, i) => values[start + i] ?? Number.NaN);
  const each = size / length;
  return Array.from({ length }, (_, i) => nestFrom(values, inner, start + i * each, each));
}

/** A number as NumPy prints it: the shortest text that gives the same number of this type again. */
function textOf(value: number, dtype: DType): string {
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0.0";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [digits = "", exponent = "0"] = shortest(value, dtype).split("e");
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16)) {
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const plain = decimal(digits, power);
  return plain.includes(".") ? plain : `${plain}.0`;
}

/** Nested arrays of numbers as text, `[[1.0, 2.0], [3.0, 4.0]]`; one number without brackets. */
export function nestedText(value: NestedNumbers, dtype: DType): string {
  if (typeof value === "number") return textOf(value, dtype);
  return `[${Array.from(value, (item) => nestedText(item, dtype)).join(", ")}]`;
}

/** `d.ddde±x` with as few digits as name this number. */
function shortest(value: number, dtype: DType): string {
  if (dtype === "float64") return value.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential(8);
}

function decimal(digits: string, power: number): string {
  const negative = digits.startsWith("-");
  const plain = digits.replace("-", "").replace(".", "");
  const padded =
    power < 0 ? `0.${"0".repeat(-power - 1)}${plain}` : placePoint(plain.padEnd(power + 1, "0"), power + 1);
  return negative ? `-${padded}` : padded;
}

function placePoint(digits: string, at: number): string {
  return at >= digits.length ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`;
}
