// What arithmetic means. The rule and its stages are written over `Ops<V>`; each target says what a `V` is.

/**
 * The operations of a kernel. `V` is a block of numbers (the js engine), a WebAssembly local or a WGSL name (a kernel), a
 * tensor or an array of jax-js (a face); the rule never knows.
 *
 * Every operation rounds its result to the variable's type, to nearest, ties to even. Nothing is fused or reassociated.
 */
export interface Ops<V> {
  /** The same number for every element, rounded to the variable's type. */
  constant(value: number): V;
  /** `a + b`. */
  add(a: V, b: V): V;
  /** `a - b`. */
  sub(a: V, b: V): V;
  /** `a * b`. */
  mul(a: V, b: V): V;
  /** `a / b`. */
  div(a: V, b: V): V;
  /** The square root. */
  sqrt(a: V): V;
  /** The absolute value. */
  abs(a: V): V;
  /** The smaller one; NaN when either is NaN. */
  min(a: V, b: V): V;
  /** The larger one; NaN when either is NaN. */
  max(a: V, b: V): V;
  /**
   * `low` where a < low, `high` where a > high, else `a` itself, NaN included. For low <= high, neither of them NaN;
   * in vectors several times as fast as `min` and `max`.
   */
  clamp(a: V, low: V, high: V): V;
  /** A mask for `select`: a <= b, false when either is NaN. */
  lessOrEqual(a: V, b: V): V;
  /** `yes` where the mask holds, else `no`. */
  select(mask: V, yes: V, no: V): V;
}

/**
 * What the scalars of an update and learning rate schedules need besides: numbers in core, arrays in a program of jax-js.
 * Kernels never see it. The functions are correctly rounded wherever the device has float64.
 */
export interface ScalarOps<V> extends Ops<V> {
  /** 1 to any power is 1, NaN included. */
  power(base: V, exponent: V): V;
  /** The cosine. */
  cos(a: V): V;
  /** The natural logarithm. */
  log(a: V): V;
  /** The greatest whole number that is not above `a`. */
  floor(a: V): V;
  /** The least whole number that is not below `a`. */
  ceil(a: V): V;
}

/** -1, 0 or 1 by the sign of `a`; NaN stays NaN, and both zeros give +0, as `numpy.sign` does. */
export function sign<V>(op: Ops<V>, a: V): V {
  const zero = op.constant(0);
  const notNegative = op.lessOrEqual(zero, a);
  const zeroOrNegative = op.select(notNegative, zero, op.constant(-1));
  const positiveOrNaN = op.select(notNegative, op.constant(1), a);
  return op.select(op.lessOrEqual(a, zero), zeroOrNegative, positiveOrNaN);
}
