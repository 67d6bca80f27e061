// `Ops` over blocks of elements: each operation is one loop over a typed array, whose stores round. The reference engine
// computes with it.
import { clampNumber } from "../../rule/numbers.js";
import type { Ops } from "../../rule/ops.js";
import type { DType } from "../../rule/plan.js";
import type { FloatArray } from "../engine.js";

/** Elements in a block: few enough for the first cache, enough to make the calls between loops cheap. */
export const BLOCK = 512;

const ARRAYS = { float32: Float32Array, float64: Float64Array } as const;

export interface BlockOps extends Ops<FloatArray> {
  /** Starts a new block of `count` <= BLOCK elements; results of the last one are overwritten from now on. */
  begin(count: number): void;
}

/** Operations whose results live until the next `begin`. */
export function blockOps(dtype: DType): BlockOps {
  const pool: FloatArray[] = [];
  const constants = new Map<number, FloatArray>();
  let used = 0;
  let count = 0;
  const next = (): FloatArray => {
    pool[used] ??= new ARRAYS[dtype](BLOCK);
    return pool[used++] as FloatArray;
  };
  return {
    begin: (length) => {
      used = 0;
      count = length;
    },
    constant: (value) => {
      const block = constants.get(value) ?? filled(dtype, value);
      constants.set(value, block);
      return block;
    },
    add: (a, b) => LOOPS.add(next(), count, a, b),
    sub: (a, b) => LOOPS.sub(next(), count, a, b),
    mul: (a, b) => LOOPS.mul(next(), count, a, b),
    div: (a, b) => LOOPS.div(next(), count, a, b),
    sqrt: (a) => LOOPS.sqrt(next(), count, a, a),
    abs: (a) => LOOPS.abs(next(), count, a, a),
    min: (a, b) => LOOPS.min(next(), count, a, b),
    max: (a, b) => LOOPS.max(next(), count, a, b),
    clamp: (a, low, high) => {
      const to = next();
      for (let i = 0; i < count; i++) to[i] = clampNumber(a[i] as number, low[i] as number, high[i] as number);
      return to;
    },
    lessOrEqual: (a, b) => LOOPS.lessOrEqual(next(), count, a, b),
    select: (mask, yes, no) => {
      const to = next();
      for (let i = 0; i < count; i++) to[i] = ((mask[i] ? yes : no) as FloatArray)[i] as number;
      return to;
    },
  };
}

/** A block that holds one number, for scalars. */
export function filled(dtype: DType, value: number): FloatArray {
  return new ARRAYS[dtype](BLOCK).fill(value);
}

type Loop = (to: FloatArray, count: number, a: FloatArray, b: FloatArray) => FloatArray;

// Each loop is written out: a call for each element would cost more than the arithmetic.
const LOOPS: Readonly<Record<"add" | "sub" | "mul" | "div" | "sqrt" | "abs" | "min" | "max" | "lessOrEqual", Loop>> = {
  add: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = (a[i] as number) + (b[i] as number);
    return to;
  },
  sub: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = (a[i] as number) - (b[i] as number);
    return to;
  },
  mul: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = (a[i] as number) * (b[i] as number);
    return to;
  },
  div: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = (a[i] as number) / (b[i] as number);
    return to;
  },
  sqrt: (to, count, a) => {
    for (let i = 0; i < count; i++) to[i] = Math.sqrt(a[i] as number);
    return to;
  },
  abs: (to, count, a) => {
    for (let i = 0; i < count; i++) to[i] = Math.abs(a[i] as number);
    return to;
  },
  min: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = Math.min(a[i] as number, b[i] as number);
    return to;
  },
  max: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = Math.max(a[i] as number, b[i] as number);
    return to;
  },
  lessOrEqual: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = Number((a[i] as number) <= (b[i] as number));
    return to;
  },
};
