// `Ops` over plain numbers: what happens once a step or once a norm, each operation rounded to the type.
import type { ScalarOps } from "./ops.js";
import type { DType } from "./plan.js";
import { ROUND } from "./scalars.js";

/** The operations on single numbers of a type, the same object each time. A mask is 1 or 0. */
export const numberOps = (dtype: DType): ScalarOps<number> => OPS[dtype];

const OPS = { float32: /* @__PURE__ */ roundedBy(ROUND.float32), float64: /* @__PURE__ */ roundedBy(ROUND.float64) };

function roundedBy(round: (x: number) => number): ScalarOps<number> {
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
    clamp: clampNumber,
    lessOrEqual: (a, b) => Number(a <= b),
    select: (mask, yes, no) => (mask ? yes : no),
    // In C 1 to any power is 1; in JavaScript 1 to the power of NaN is NaN.
    power: (base, exponent) => (base === 1 ? 1 : round(base ** exponent)),
    cos: (a) => round(Math.cos(a)),
    log: (a) => round(Math.log(a)),
    floor: Math.floor,
    ceil: Math.ceil,
  };
}

/** See `Ops`. Not Math.min and Math.max: they would turn -0 into a limit of +0. */
export function clampNumber(value: number, low: number, high: number): number {
  if (value < low) return low;
  if (value > high) return high;
  return value;
}
