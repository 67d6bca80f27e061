// exp, log and cos in float64, from operations that every device with float64 has: jax-js' own functions are made for
// float32, and wrong there by up to 1e-5. What these give is right to about 1e-15, so that it rounds to float32 as it should.
import { numpy as np } from "@jax-js/jax";
import type { Own } from "./scope.js";

/** Functions of one float64 number; they leave their arguments alone, and what they make belongs to the scope. */
export interface Float64Functions {
  exp(x: np.Array): np.Array;
  /** NaN below zero, -Infinity at zero. */
  log(x: np.Array): np.Array;
  /** For |x| up to a million. */
  cos(x: np.Array): np.Array;
}

// ln 2 and pi / 2 in two parts: a few digits that a small whole number can be multiplied with exactly, and the rest.
const [LN2, LN2_REST] = [0.6931471803691238, 1.9082149292705877e-10] as const;
const [HALF_PI, HALF_PI_REST] = [1.5707963267341256, 6.077100506506192e-11] as const;
// Beyond it, exp is 0 or infinite in float32.
const MAX_EXPONENT = 120;
/** exp(r) = sum of r ** i / i! */
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
const EXP = Array.from({ length: 16 }, (_, i) => 1 / factorial(i));
const COS = Array.from({ length: 11 }, (_, i) => (-1) ** i / factorial(2 * i));
const SIN = Array.from({ length: 11 }, (_, i) => (-1) ** i / factorial(2 * i + 1));
/** log((1 + t) / (1 - t)) = 2 t (1 + t² / 3 + t⁴ / 5 + ...) */
const LOG = Array.from({ length: 14 }, (_, i) => 2 / (2 * i + 1));

export function float64Functions(own: Own): Float64Functions {
  const basics = basicsOf(own);
  return { exp: (x) => exp(basics, x), log: (x) => log(basics, x), cos: (x) => cos(basics, x) };
}

function exp({ own, number, settled, times, nearest, minus, polynomial, powerOfTwo }: Basics, x: np.Array): np.Array {
  const limited = settled(own(np.minimum(np.maximum(x.ref, number(-MAX_EXPONENT)), number(MAX_EXPONENT))));
  const k = settled(nearest(times(limited, 1 / Math.LN2)));
  const rest = settled(minus(minus(limited, k, LN2), k, LN2_REST));
  return own(polynomial(rest, EXP).ref.mul(powerOfTwo(k).ref));
}

function log(basics: Basics, argument: np.Array): np.Array {
  const { own, number, settled, plus, times, floorOf, select, polynomial, powerOfTwo } = basics;
  const x = settled(argument);
  // The exponent of the nearest float32, from its bits; what is left of x lies near 1.
  const bits = own(x.ref.astype(np.float32).view(np.int32).astype(np.float64));
  const k = settled(floorOf(times(plus(bits, -0x3f3504f3), 2 ** -23)));
  const near = settled(own(x.ref.mul(powerOfTwo(settled(times(k, -1))).ref)));
  const t = settled(own(plus(near, -1).ref.div(plus(near, 1).ref)));
  const series = own(polynomial(settled(own(t.ref.mul(t.ref))), LOG).ref.mul(t.ref));
  const sum = own(times(k, LN2).ref.add(series.ref.add(times(k, LN2_REST).ref)));
  const orZero = select(np.equal(x.ref, number(0)), number(Number.NEGATIVE_INFINITY), sum.ref);
  const isNegative = np.less(x.ref, number(0));
  const orNegative = select(isNegative, number(Number.NaN), orZero.ref);
  // Infinity and NaN are their own logarithm.
  return select(np.less(x.ref, number(Number.POSITIVE_INFINITY)), orNegative.ref, x.ref);
}

function cos(basics: Basics, argument: np.Array): np.Array {
  const { own, number, settled, times, floorOf, nearest, minus, select, polynomial } = basics;
  const x = settled(argument);
  const quarter = settled(nearest(times(x, 2 / Math.PI)));
  const rest = settled(minus(minus(x, quarter, HALF_PI), quarter, HALF_PI_REST));
  const square = settled(own(rest.ref.mul(rest.ref)));
  const even = polynomial(square, COS);
  const odd = own(polynomial(square, SIN).ref.mul(rest.ref));
  const turn = minus(quarter, floorOf(times(quarter, 0.25)), 4); // 0, 1, 2 or 3
  const half = floorOf(times(turn, 0.5));
  const isOdd = np.notEqual(times(half, 2).ref, turn.ref);
  // cos, -sin, -cos, sin
  const isMinus = np.equal(half.ref, select(isOdd.ref, number(0), number(1)).ref);
  const value = select(isOdd, odd.ref, even.ref);
  return select(isMinus, times(value, -1).ref, value.ref);
}

type Basics = ReturnType<typeof basicsOf>;

/** What the functions are made of. */
function basicsOf(own: Own) {
  const number = (value: number): np.Array => np.array(value, { dtype: np.float64 });
  // jax-js compiles what is used twice into each use. The sum of one element is computed once, and kept.
  const settled = (x: np.Array): np.Array => own(np.sum(x.ref.reshape([1])));
  const plus = (x: np.Array, value: number): np.Array => own(x.ref.add(number(value)));
  const times = (x: np.Array, value: number): np.Array => own(x.ref.mul(number(value)));
  const floorOf = (x: np.Array): np.Array => own(np.floor(x.ref));
  const nearest = (x: np.Array): np.Array => floorOf(plus(x, 0.5));
  const minus = (a: np.Array, b: np.Array, factor: number): np.Array => own(a.ref.add(times(b, -factor).ref));
  const select = (mask: np.Array, yes: np.Array, no: np.Array): np.Array => own(np.where(mask, yes, no));

  /** The sum of coefficients[i] * x ** i. */
  const polynomial = (x: np.Array, coefficients: readonly number[]): np.Array => {
    const [last = 0, ...others] = [...coefficients].reverse();
    return others.reduce((sum, c) => plus(own(sum.ref.mul(x.ref)), c), own(number(last)));
  };

  /** 2 ** k for a whole k from -126 to 127: the bits of a float32. */
  const smallPower = (k: np.Array): np.Array => {
    const bits = plus(times(k, 2 ** 23), 127 * 2 ** 23);
    return bits.ref.astype(np.int32).view(np.float32).astype(np.float64);
  };

  /** 2 ** k for a whole k from -252 to 254. */
  const powerOfTwo = (k: np.Array): np.Array => {
    const half = settled(floorOf(times(k, 0.5)));
    return own(smallPower(half).mul(smallPower(minus(k, half, 1))));
  };

  return { own, number, settled, plus, times, floorOf, nearest, minus, select, polynomial, powerOfTwo };
}
