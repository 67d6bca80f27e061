// Euclidean norms of weights along axes of their shape, summed in NumPy's order; what they may be is in index.ts.

import type { Argument, Arguments } from "../check/argument.js";
import { floatTypeOf, isFloats, lengthOf, ownCopy } from "../check/built-ins.js";
import { sizeOf } from "../check/lists.js";
import { cellOf, type NormBlocks, type NormConstraintData, weightByCell } from "../rule/constraint-formula.js";
import { numberOps } from "../rule/numbers.js";
import { pairwiseSum } from "../rule/pairwise.js";

type Weights = Float32Array | Float64Array;

/** The axes that one norm is taken over: one, several, or null for all. Negative ones count from the last. */
export type Axis = number | readonly number[] | null;

/** `value` as an axis, an array of them, or null: integers; a `TypeError` or a `RangeError` for all else. */
export function checkAxis(argument: Argument, value: unknown): Axis {
  if (value === null) return null;
  const rule = { integer: true };
  if (typeof value !== "object") return argument.number(value, rule);
  return Object.freeze(argument.numbers(value, rule));
}

/**
 * For each axis of `shape` whether the norm is taken over it. A `RangeError` for an axis that the shape lacks or that
 * is named twice. As in NumPy a scalar takes the axes 0 and -1, though not in an array.
 */
export function reducedAxes(argument: Argument, axis: Axis, shape: readonly number[]): boolean[] {
  const reduced = shape.map(() => axis === null);
  if (axis === null || (shape.length === 0 && (axis === 0 || axis === -1))) return reduced;
  for (const each of typeof axis === "number" ? [axis] : axis) {
    const index = each < 0 ? each + shape.length : each;
    if (reduced[index] === false) {
      reduced[index] = true;
      continue;
    }
    const remedy = `A variable with ${shape.length} axes has ${axesOf(shape.length)}.`;
    throw argument.badValue(`name axes of the shape [${shape.join(", ")}], each once`, each, remedy);
  }
  return reduced;
}

/**
 * New weights by a constraint, of the type of `value`, which holds an array of `shape` in C order. Sums are rounded to that
 * type, in NumPy's order: the last axes, as far as all of them are reduced or none is, make a block. A reduced block is
 * summed pairwise; the blocks of the same norms are then added one after the other.
 * A `RangeError` if value, shape and axis do not fit.
 */
export function mapByNorm(
  argument: Arguments,
  value: Weights,
  { shape, axis }: { readonly shape: readonly number[]; readonly axis: Axis },
  constraint: NormConstraintData,
): Weights {
  checkLength(argument("value"), value, shape);
  const op = numberOps(floatTypeOf(value));
  const blocks = blocksOf(argument("axis"), axis, shape);
  const sums = sumSquares(value, blocks, op.constant);
  const cells = sums.map((sum) => cellOf(op, constraint, op.sqrt(sum)));
  const result = ownCopy(value);
  const { length, isReduced } = blocks;
  forEachBlock(blocks, (start, cell) => {
    for (let i = 0; i < length; i++) {
      const ownCell = cells[isReduced ? cell : cell + i] ?? 0;
      result[start + i] = weightByCell(op, constraint.kind, value[start + i] ?? 0, ownCell);
    }
  });
  return result;
}

/** The blocks of a shape. An axis of length 1 counts as reduced or not, whatever makes them longer. */
export function blocksOf(argument: Argument, axis: Axis, shape: readonly number[]): NormBlocks {
  const reduced = reducedAxes(argument, axis, shape);
  const last = shape.map((length) => length !== 1).lastIndexOf(true);
  const isReduced = reduced[last] ?? true;
  const outerCount = shape.map((length, i) => length !== 1 && reduced[i] !== isReduced).lastIndexOf(true) + 1;
  return {
    outerShape: shape.slice(0, outerCount),
    reduced,
    length: sizeOf(shape.slice(outerCount)),
    isReduced,
    cellCount: sizeOf(shape.filter((_, i) => !reduced[i])),
  };
}

function sumSquares(value: Weights, blocks: NormBlocks, round: (x: number) => number): Float64Array {
  const { length, isReduced, cellCount } = blocks;
  const sums = new Float64Array(cellCount);
  const square = (i: number): number => round((value[i] ?? 0) * (value[i] ?? 0));
  forEachBlock(blocks, (start, cell) => {
    if (isReduced) sums[cell] = round((sums[cell] ?? 0) + pairwiseSum(round, (i) => square(start + i), length));
    else for (let i = 0; i < length; i++) sums[cell + i] = round((sums[cell + i] ?? 0) + square(start + i));
  });
  return sums;
}

// Visits the blocks in C order, each with the index of its first element and of the norm of that element.
function forEachBlock(
  { outerShape, reduced, length, isReduced }: NormBlocks,
  visit: (start: number, cell: number) => void,
): void {
  const walk = (axis: number, block: number, cell: number): void => {
    const count = outerShape[axis];
    if (count === undefined) visit(block * length, isReduced ? cell : cell * length);
    else for (let i = 0; i < count; i++) walk(axis + 1, block * count + i, reduced[axis] ? cell : cell * count + i);
  };
  walk(0, 0, 0);
}

function checkLength(argument: Argument, value: Weights, shape: readonly number[]): void {
  if (isFloats(value) && lengthOf(value) === sizeOf(shape)) return;
  const requirement = `hold the ${sizeOf(shape)} elements of the shape [${shape.join(", ")}]`;
  throw argument.badValue(requirement, value, "Pass the shape of the array.");
}

const axesOf = (count: number): string => (count === 0 ? "none" : `0 to ${count - 1}, or ${-count} to -1`);
