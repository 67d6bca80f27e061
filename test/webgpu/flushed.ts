// Arithmetic in which numbers below the normal ones are zero, as WGSL allows it: the reference engine of core computes with
// it when its modules are replaced by these.

import type * as axisNorm from "../../src/constraints/axis-norm.js";
import type { FloatArray } from "../../src/engine/engine.js";
import type * as blocks from "../../src/engine/js/blocks.js";
import type { BlockOps } from "../../src/engine/js/blocks.js";
import type * as constraintFormula from "../../src/rule/constraint-formula.js";
import type * as scalars from "../../src/rule/scalars.js";

const LEAST_NORMAL = 2 ** -126;

/** The modules of core that are replaced, as vi.mock takes them. */
export const flushedBlocks = (original: typeof blocks): typeof blocks => ({
  ...original,
  blockOps: (dtype) => flushedOps(original.blockOps(dtype)),
});

export const flushedScalars = (original: typeof scalars): typeof scalars => ({
  ...original,
  ROUND: { ...original.ROUND, float32: (value) => flush(Math.fround(value)) },
});

export const flushedNorms = (original: typeof axisNorm): typeof axisNorm => ({
  ...original,
  mapByNorm: (owner, value, ...others) => original.mapByNorm(owner, value.map(flush), ...others),
});

export const flushedFormula = (original: typeof constraintFormula): typeof constraintFormula => ({
  ...original,
  notNegative: (op, value) =>
    original.notNegative(op, typeof value === "number" ? (flush(value) as typeof value) : value),
});

/** Zero with the sign of a number that is not normal. */
const flush = (value: number): number => (Math.abs(value) < LEAST_NORMAL ? value * 0 : value);

/** The same operations: operands and results are flushed; what is only moved stays as it is. */
function flushedOps(ops: BlockOps): BlockOps {
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
