// Euclidean norms of weights along axes of their shape, summed in NumPy's order; what a norm may be is in constraints.ts.

import { pairwiseSum } from "../rule/pairwise.js";
import { checkNumber, checkNumbers } from "./checks.js";
import { badValue } from "./errors.js";

/** The axes that one norm is taken over: one, several, or null for all. Negative ones count from the last. */
export type Axis = number | readonly number[] | null;

/** `value` as an axis, an array of them, or null: integers; a `TypeError` or a `RangeError` for all else. */
export function checkAxis(owner: string, value: unknown): Axis {
  if (value === null) return null;
  const rule = { integer: true };
  return typeof value === "object" ? checkNumbers(owner, "axis", value, rule) : checkNumber(owner, "axis", value, rule);
}

/**
 * For each axis of `shape` whether the norm is taken over it. A `RangeError` for an axis that the shape lacks or that
 * is named twice. As in NumPy a scalar takes the axes 0 and -1, though not in an array.
 */
export function reducedAxes(owner: string, axis: Axis, shape: readonly number[]): boolean[] {
  const reduced = shape.map(() => axis === null);
  if (axis === null || (shape.length === 0 && (axis === 0 || axis === -1))) return reduced;
  for (const each of typeof axis === "number" ? [axis] : axis) {
    const index = each < 0 ? each + shape.length : each;
    if (reduced[index] === false) {
      reduced[index] = true;
      continue;
    }
    const requirement = `name axes of the shape [${shape.join(", ")}], each once`;
    const remedy = `A variable with ${shape.length} axes has ${axesOf(shape.length)}.`;
    throw badValue({ owner, argument: "axis", requirement, received: each, remedy });
  }
  return reduced;
}

/** What becomes of weights: `cell` is taken once for a norm, `weight` for each weight with the result for its norm. */
export interface NormRule {
  cell(norm: number, round: (x: number) => number): number;
  weight(weight: number, cell: number): number;
}

/**
 * New weights by `rule`, of the type of `value`, which holds an array of `shape` in C order. Sums are rounded to that
 * type, in NumPy's order: the last axes, as far as they are reduced, are summed pairwise as one row; the rows that share
 * a norm are then added one after the other. A `RangeError`, in the name of `owner`, if value, shape and axis do not fit.
 */
export function mapByNorm(
  owner: string,
  value: Float32Array | Float64Array,
  { shape, axis }: { readonly shape: readonly number[]; readonly axis: Axis },
  rule: NormRule,
): Float32Array | Float64Array {
  checkLength(owner, value, shape);
  const reduced = reducedAxes(owner, axis, shape);
  const round = value instanceof Float32Array ? Math.fround : identity;
  const outerAxes = countOuterAxes(shape, reduced);
  const rowLength = sizeOf(shape.slice(outerAxes));
  const outer = { shape: shape.slice(0, outerAxes), reduced };
  const sums = new Array<number>(sizeOf(outer.shape.filter((_, i) => !reduced[i]))).fill(0);
  forEachRow(outer, (row, cell) => {
    const square = (i: number): number => round((value[row * rowLength + i] ?? 0) ** 2);
    sums[cell] = round((sums[cell] ?? 0) + pairwiseSum(round, square, rowLength));
  });
  const cells = sums.map((sum) => rule.cell(round(Math.sqrt(sum)), round));
  const result = value.slice();
  forEachRow(outer, (row, cell) => {
    const end = (row + 1) * rowLength;
    for (let i = row * rowLength; i < end; i++) result[i] = rule.weight(value[i] ?? 0, cells[cell] ?? 0);
  });
  return result;
}

const identity = (x: number): number => x;

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

// All axes but the last ones that are reduced; an axis of length 1 may count as either.
function countOuterAxes(shape: readonly number[], reduced: readonly boolean[]): number {
  let count = shape.length;
  while (count > 0 && (reduced[count - 1] || shape[count - 1] === 1)) count--;
  return count;
}

// Visits the rows in C order, each with the number of the norm that it belongs to.
function forEachRow(
  { shape, reduced }: { readonly shape: readonly number[]; readonly reduced: readonly boolean[] },
  visit: (row: number, cell: number) => void,
): void {
  const walk = (axis: number, row: number, cell: number): void => {
    const length = shape[axis];
    if (length === undefined) visit(row, cell);
    else for (let i = 0; i < length; i++) walk(axis + 1, row * length + i, reduced[axis] ? cell : cell * length + i);
  };
  walk(0, 0, 0);
}

function checkLength(owner: string, value: Float32Array | Float64Array, shape: readonly number[]): void {
  if (value.length === sizeOf(shape)) return;
  const requirement = `hold the ${sizeOf(shape)} elements of the shape [${shape.join(", ")}]`;
  throw badValue({ owner, argument: "value", requirement, received: value, remedy: "Pass the shape of the array." });
}

function axesOf(count: number): string {
  return count === 0 ? "none" : `0 to ${count - 1}, or ${-count} to -1`;
}
