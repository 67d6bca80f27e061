// Numbers as users write them - one number, nested arrays, typed arrays - and as text. Who keeps them is in variable.ts.
import type { DType } from "../rule/plan.js";
import { checkNumbers } from "./checks.js";
import { badKind, badValue, Described } from "./errors.js";
import { sizeOf } from "./lists.js";

/** A number, or arrays of arrays of numbers, each level of one length. */
export type NestedNumbers = number | ArrayLike<number> | readonly NestedNumbers[];

/** As many as NumPy takes. */
const MAX_AXES = 64;

/** The shape of nested arrays: `[]` for a number, `[n]` for a flat or typed array. */
export function shapeOf(value: NestedNumbers, owner = "Variable", argument = "value"): number[] {
  const shape: number[] = [];
  let level: NestedNumbers | undefined = value;
  while (typeof level === "object" && level !== null) {
    shape.push(level.length);
    level = level[0];
    if (shape.length <= MAX_AXES) continue;
    const requirement = `have ${MAX_AXES} levels at most`;
    const remedy = "Does it contain itself?";
    throw badValue({ owner, argument, requirement, received: value, remedy });
  }
  return shape;
}

/** The `shape` of an option as one of so many elements, or an error. */
export function shapeOfSize(owner: string, shape: readonly number[], size: number): readonly number[] {
  const lengths = checkNumbers(owner, "shape", shape, { integer: true, min: 0 });
  const elements = sizeOf(lengths);
  if (elements === size) return Object.freeze(lengths);
  const requirement = `hold as many elements as value, which has ${size}`;
  const received = new Described(`[${lengths}]`);
  throw badValue({ owner, argument: "shape", requirement, received, remedy: "Correct shape or value." });
}

/** All numbers in C order, checked: every level of one length, and nothing but numbers. */
export function flatten(owner: string, argument: string, value: NestedNumbers): ArrayLike<number> {
  if (ArrayBuffer.isView(value)) return value as ArrayLike<number>; // shapeOf and callers know that it has a length
  const flat: number[] = [];
  append(flat, owner, argument, value, shapeOf(value));
  return flat;
}

/** The reverse of `flatten`. */
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

function append(flat: number[], owner: string, argument: string, value: unknown, shape: readonly number[]): void {
  const [length, ...inner] = shape;
  if (length === undefined) {
    if (typeof value === "number") flat.push(value);
    else throw notANumber(owner, `${argument}[${flat.length}]`, value);
    return;
  }
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) throw notANumber(owner, argument, value);
  const items = Array.from(value as ArrayLike<unknown>);
  if (items.length !== length) {
    const requirement = `have one length on each level, here ${length}`;
    const remedy = "Make all rows equally long.";
    throw badValue({ owner, argument, requirement, received: value, remedy });
  }
  for (const item of items) append(flat, owner, argument, item, inner);
}

function notANumber(owner: string, argument: string, received: unknown): TypeError {
  const remedy = "Pass numbers, nested arrays of numbers, a Float32Array or a Float64Array.";
  return badKind({ owner, argument, requirement: "be a number", received, remedy });
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
