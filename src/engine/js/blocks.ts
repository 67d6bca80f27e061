// `Ops` over blocks of elements: each operation is one loop over a typed array, whose stores round. The reference engine
// computes with it.
import { clampNumber } from "../../rule/numbers.js";
import type { Ops } from "../../rule/ops.js";
import type { DType } from "../../rule/plan.js";
import { FLOAT_ARRAYS } from "../arrays.js";
import { cached } from "../cached.js";
import type { FloatArray } from "../engine.js";

/** Elements in a block: few enough for the first cache, enough to make the calls between loops cheap. */
export const BLOCK = 1024;

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
    pool[used] ??= new FLOAT_ARRAYS[dtype](BLOCK);
    return pool[used++] as FloatArray; // made above
  };
  const into = (loop: Loop, a: FloatArray, b: FloatArray = a, c: FloatArray = b): FloatArray => {
    const to = next();
    loop(to, count, a, b, c);
    return to;
  };
  return {
    begin: (length) => {
      used = 0;
      count = length;
    },
    constant: (value) => cached(constants, value, () => filled(dtype, value, BLOCK)),
    add: (a, b) => into(LOOPS.add, a, b),
    sub: (a, b) => into(LOOPS.sub, a, b),
    mul: (a, b) => into(LOOPS.mul, a, b),
    div: (a, b) => into(LOOPS.div, a, b),
    sqrt: (a) => into(LOOPS.sqrt, a),
    abs: (a) => into(LOOPS.abs, a),
    min: (a, b) => into(LOOPS.min, a, b),
    max: (a, b) => into(LOOPS.max, a, b),
    clamp: (a, low, high) => into(LOOPS.clamp, a, low, high),
    lessOrEqual: (a, b) => into(LOOPS.lessOrEqual, a, b),
    select: (mask, yes, no) => into(LOOPS.select, mask, yes, no),
  };
}

/** A block that holds one number, for scalars, as long as the longest block it meets. */
export const filled = (dtype: DType, value: number, length: number): FloatArray =>
  new FLOAT_ARRAYS[dtype](Math.min(BLOCK, length)).fill(value);

type Loop = (to: FloatArray, count: number, a: FloatArray, b: FloatArray, c: FloatArray) => void;

// Blocks are at least `count` long, so that each item is there. Each loop is written out: a call for each element would cost
// more than the arithmetic. Those of most rules do four elements a turn, since the turn itself costs as much as an addition.
const LOOPS: Readonly<Record<Exclude<keyof Ops<FloatArray>, "constant">, Loop>> = {
  add: (to, count, a, b) => {
    let i = 0;
    for (; i + 3 < count; i += 4) {
      to[i] = (a[i] as number) + (b[i] as number);
      to[i + 1] = (a[i + 1] as number) + (b[i + 1] as number);
      to[i + 2] = (a[i + 2] as number) + (b[i + 2] as number);
      to[i + 3] = (a[i + 3] as number) + (b[i + 3] as number);
    }
    for (; i < count; i++) to[i] = (a[i] as number) + (b[i] as number);
  },
  sub: (to, count, a, b) => {
    let i = 0;
    for (; i + 3 < count; i += 4) {
      to[i] = (a[i] as number) - (b[i] as number);
      to[i + 1] = (a[i + 1] as number) - (b[i + 1] as number);
      to[i + 2] = (a[i + 2] as number) - (b[i + 2] as number);
      to[i + 3] = (a[i + 3] as number) - (b[i + 3] as number);
    }
    for (; i < count; i++) to[i] = (a[i] as number) - (b[i] as number);
  },
  mul: (to, count, a, b) => {
    let i = 0;
    for (; i + 3 < count; i += 4) {
      to[i] = (a[i] as number) * (b[i] as number);
      to[i + 1] = (a[i + 1] as number) * (b[i + 1] as number);
      to[i + 2] = (a[i + 2] as number) * (b[i + 2] as number);
      to[i + 3] = (a[i + 3] as number) * (b[i + 3] as number);
    }
    for (; i < count; i++) to[i] = (a[i] as number) * (b[i] as number);
  },
  div: (to, count, a, b) => {
    let i = 0;
    for (; i + 3 < count; i += 4) {
      to[i] = (a[i] as number) / (b[i] as number);
      to[i + 1] = (a[i + 1] as number) / (b[i + 1] as number);
      to[i + 2] = (a[i + 2] as number) / (b[i + 2] as number);
      to[i + 3] = (a[i + 3] as number) / (b[i + 3] as number);
    }
    for (; i < count; i++) to[i] = (a[i] as number) / (b[i] as number);
  },
  sqrt: (to, count, a) => {
    let i = 0;
    for (; i + 3 < count; i += 4) {
      to[i] = Math.sqrt(a[i] as number);
      to[i + 1] = Math.sqrt(a[i + 1] as number);
      to[i + 2] = Math.sqrt(a[i + 2] as number);
      to[i + 3] = Math.sqrt(a[i + 3] as number);
    }
    for (; i < count; i++) to[i] = Math.sqrt(a[i] as number);
  },
  abs: (to, count, a) => {
    for (let i = 0; i < count; i++) to[i] = Math.abs(a[i] as number);
  },
  min: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = Math.min(a[i] as number, b[i] as number);
  },
  max: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = Math.max(a[i] as number, b[i] as number);
  },
  lessOrEqual: (to, count, a, b) => {
    for (let i = 0; i < count; i++) to[i] = Number((a[i] as number) <= (b[i] as number));
  },
  clamp: (to, count, a, low, high) => {
    for (let i = 0; i < count; i++) to[i] = clampNumber(a[i] as number, low[i] as number, high[i] as number);
  },
  select: (to, count, mask, yes, no) => {
    for (let i = 0; i < count; i++) to[i] = ((mask[i] ? yes : no) as FloatArray)[i] as number;
  },
};
