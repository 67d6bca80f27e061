// Arithmetic in which numbers below the normal ones are zero, as WGSL allows it: the reference engine of core computes with
// it when its modules are replaced by these.

import type { FloatArray } from "../../src/engine/engine.js";
import type { BlockOps } from "../../src/engine/js/blocks.js";

const LEAST_NORMAL = 2 ** -126;

/** Zero with the sign of a number that is not normal. */
export const flush = (value: number): number => (Math.abs(value) < LEAST_NORMAL ? value * 0 : value);

/** The same operations: operands and results are flushed; what is only moved stays as it is. */
export function flushedOps(ops: BlockOps): BlockOps {
  const flushed = (block: FloatArray): FloatArray => block.map(flush);
  const two = (operation: (a: FloatArray, b: FloatArray) => FloatArray) => (a: FloatArray, b: FloatArray) =>
    flushed(operation(flushed(a), flushed(b)));
  return {
    ...ops,
    add: two(ops.add),
    sub: two(ops.sub),
    mul: two(ops.mul),
    div: two(ops.div),
    sqrt: (a) => ops.sqrt(flushed(a)),
    min: two(ops.min),
    max: two(ops.max),
    lessOrEqual: two(ops.lessOrEqual),
  };
}
