// `Ops` over plain numbers: what the reference engine computes with, and what turns sums into clip factors.
import type { Ops } from "../rule/ops.js";
import type { DType } from "../rule/plan.js";
import { ROUND } from "../rule/scalars.js";

function numberOps(round: (value: number) => number): Ops<number> {
  return {
    constant: round,
    add: (a, b) => round(a + b),
    sub: (a, b) => round(a - b),
    mul: (a, b) => round(a * b),
    div: (a, b) => round(a / b),
    sqrt: (a) => round(Math.sqrt(a)),
    abs: Math.abs,
    min: Math.min,
    max: Math.max,
    clamp,
    lessOrEqual: (a, b) => Number(a <= b),
    select: (mask, yes, no) => (mask ? yes : no),
  };
}

/** See `Ops`. Not Math.min and Math.max: they would turn -0 into a limit of +0. */
export function clamp(value: number, low: number, high: number): number {
  if (value < low) return low;
  if (value > high) return high;
  return value;
}

/** Double arithmetic rounded to float32 after each operation is float32 arithmetic: a double has enough digits for it. */
export const NUMBERS: Readonly<Record<DType, Ops<number>>> = {
  float32: numberOps(ROUND.float32),
  float64: numberOps(ROUND.float64),
};
