// `Ops` over plain numbers: what happens once a step or once a norm, each operation rounded to the type.
import type { ScalarOps } from "./ops.js";
import type { DType } from "./plan.js";
import { ROUND } from "./scalars.js";

/** The operations on single numbers of a type, the same object each time. A mask is 1 or 0. */
export const numberOps = (dtype: DType): ScalarOps<number> => OPS[dtype];

const OPS = {
  // A double power is good enough to be rounded once more.
  float32: /* @__PURE__ */ opsOf(ROUND.float32, (base, exponent) => base ** exponent),
  float64: /* @__PURE__ */ opsOf(ROUND.float64, powerInDouble),
};

function opsOf(round: (x: number) => number, power: (base: number, exponent: number) => number): ScalarOps<number> {
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
    power: (base, exponent) => (base === 1 ? 1 : round(power(base, exponent))),
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

/** A double and what it lacks of the exact number. */
type Double2 = readonly [value: number, rest: number];

/** Correctly rounded for whole exponents, for which `**` is a unit or two off in the last place. */
function powerInDouble(base: number, exponent: number): number {
  const plain = base ** exponent;
  const isPlain =
    !(Number.isInteger(exponent) && exponent >= 0) || !(Math.abs(plain) > 2 ** -900 && Math.abs(plain) < 2 ** 900);
  if (isPlain) return plain; // where a product's rest would be lost, nothing is gained
  let power: Double2 = [1, 0];
  let square: Double2 = [base, 0];
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(power, square);
    if (left > 1) square = product(square, square);
  }
  return power[0];
}

/** a * b to some 100 bits (Dekker, 1971). */
function product([a, restOfA]: Double2, [b, restOfB]: Double2): Double2 {
  const near = a * b;
  const [aHigh, bHigh] = [highHalf(a), highHalf(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  const rest = aLow * bLow - (near - aHigh * bHigh - aLow * bHigh - aHigh * bLow) + (a * restOfB + restOfA * b);
  const value = near + rest;
  return [value, near - value + rest];
}

/** The upper 26 bits of a number. */
function highHalf(a: number): number {
  const shifted = a * (2 ** 27 + 1);
  return shifted - (shifted - a);
}
