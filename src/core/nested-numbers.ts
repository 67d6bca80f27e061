// Numbers as users write them - one number, nested arrays, typed arrays - and as text. Who keeps them is in plain/variable.ts.

import { type Argument, Verbatim } from "../check/argument.js";
import { isDetached, isFloats, isNumberArray, lengthOf, ownView } from "../check/built-ins.js";
import { itemsOf, sizeOf } from "../check/lists.js";
import type { FloatArray } from "../engine/engine.js";
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

/** The error for a view whose memory is gone. */
export function detached(argument: Argument): RangeError {
  return argument.badValue(
    "have its memory",
    new Verbatim("a detached array"),
    "It was transferred: pass the new array.",
  );
}

/** Whether it may be numbers: what is in it says `numbersOf`. */
export function isNested(value: unknown): value is NestedNumbers {
  return typeof value === "number" || Array.isArray(value) || isNumberArray(value);
}

/** The lengths of axes, or an error. */
export function checkedShape(argument: Argument, shape: readonly number[]): readonly number[] {
  return Object.freeze(argument.numbers(shape, { integer: true, min: 0 }));
}

/** The `shape` of an option as one of so many elements, or an error. */
export function shapeOfSize(argument: Argument, shape: readonly number[], size: number): readonly number[] {
  const lengths = checkedShape(argument, shape);
  if (sizeOf(lengths) === size) return lengths;
  const received = new Verbatim(`[${lengths}]`);
  throw argument.badValue(`hold as many elements as value, which has ${size}`, received, "Correct shape or value.");
}

/**
 * The numbers of `value`, or an error: every level has one length, and there is nothing but numbers. Each length and item is
 * read once, since it may be another one the next time.
 */
export function numbersOf(argument: Argument, value: NestedNumbers): Numbers {
  if (isFloats(value)) {
    if (isDetached(value)) throw detached(argument);
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
    if (level >= MAX_AXES) throw tooDeep(argument, items);
    shape[level] ??= length;
    if (length !== shape[level]) throw uneven(argument, items, shape[level]);
    for (let i = 0; i < length; i++) read(items[i], level + 1);
  };
  const read = (item: unknown, level: number): void => {
    const isDeepEnough = values.length > 0 && level >= shape.length;
    if (Array.isArray(item) && !isDeepEnough) readItems(item, level);
    else if (isNumberArray(item) && !isDeepEnough) readItems(new Float64Array(item), level);
    else if (typeof item !== "number") throw noNumber(argument.at(values.length), item);
    else if (level < shape.length) throw tooShallow(argument, item);
    else values.push(item);
  };
  read(value, 0);
  return { shape, values };
}

function tooDeep(argument: Argument, received: unknown): RangeError {
  return argument.badValue(`have ${MAX_AXES} levels at most`, received, "Does it contain itself?");
}

function uneven(argument: Argument, received: unknown, expected: number): RangeError {
  return argument.badValue(`have one length on each level, here ${expected}`, received, "Make all rows equally long.");
}

function noNumber(argument: Argument, received: unknown): TypeError {
  const remedy = "Pass numbers, nested arrays of numbers, a Float32Array or a Float64Array.";
  return argument.badKind("be a number", received, remedy);
}

/** For a number that stands where there were arrays before. */
function tooShallow(argument: Argument, received: number): TypeError {
  return argument.badKind("have arrays on each level but the last", received, "Make all rows equally deep.");
}

/** A flat list of numbers, each read once before any is written elsewhere, or an error for anything else in it. */
export function flatNumbers(argument: Argument, values: ArrayLike<number>): ArrayLike<number> {
  if (isFloats(values)) return ownView(values);
  return itemsOf(values).map((value, i) => {
    if (typeof value === "number") return value;
    throw argument.at(i).badKind("be a number", value, "Pass numbers.");
  });
}

/** The reverse: numbers in C order as nested arrays; those of `size` numbers from `start` on. */
export function nest(
  values: ArrayLike<number>,
  shape: readonly number[],
  start = 0,
  size: number = values.length,
): NestedNumbers {
  const [length, ...inner] = shape;
  if (length === undefined) return values[start] ?? Number.NaN;
  if (inner.length === 0) return Array.from({ length }, (_, i) => values[start + i] ?? Number.NaN);
  const each = size / length;
  return Array.from({ length }, (_, i) => nest(values, inner, start + i * each, each));
}

/** A number as NumPy prints it: the shortest text that gives the same number of this type again. */
function textOf(value: number, dtype: DType): string {
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0.0";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const text = shortest(value, dtype);
  const [digits = "", exponent = "0"] = text.split("e");
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16)) {
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const plain = String(Number(text)); // JavaScript writes these without an exponent, with the same digits
  return plain.includes(".") ? plain : `${plain}.0`;
}

/** Nested arrays of numbers as text, `[[1.0, 2.0], [3.0, 4.0]]`; one number without brackets. */
export function nestedText(value: NestedNumbers, dtype: DType): string {
  if (typeof value === "number") return textOf(value, dtype);
  return `[${Array.from(value, (item) => nestedText(item, dtype)).join(", ")}]`;
}

/** Numbers that are all shown; of more only the first and last ones are. */
const MOST_SHOWN = 12;
const SHOWN_ENDS = 3;

interface Printed {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly disposed: boolean;
  readonly value: FloatArray;
}

/** As `Variable weights float32 [2,2] [[1.0, 2.0], [3.0, 4.0]]`. */
export function variableText(variable: Printed): string {
  const { name, dtype, shape, disposed } = variable;
  return `Variable ${name} ${dtype} [${shape}] ${disposed ? "(disposed)" : shortText(variable.value, shape, dtype)}`;
}

function shortText(values: FloatArray, shape: readonly number[], dtype: DType): string {
  if (values.length <= MOST_SHOWN) return nestedText(nest(values, shape), dtype);
  const text = (part: FloatArray) => nestedText(part, dtype).slice(1, -1);
  return `[${text(values.slice(0, SHOWN_ENDS))}, ..., ${text(values.slice(-SHOWN_ENDS))}]`;
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
