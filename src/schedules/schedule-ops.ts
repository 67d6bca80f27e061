// What arithmetic means in a schedule. A formula is written over `ScheduleOps<V>`; float32.ts says what it is on numbers.

/** The operations of a schedule. Each rounds its result to float32; `power`, `cos` and `log` are correctly rounded. */
export interface ScheduleOps<V> {
  /** A number, rounded to float32. */
  constant(value: number): V;
  /** A step counter as a float32. */
  rounded(step: V): V;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  div(a: V, b: V): V;
  min(a: V, b: V): V;
  floor(a: V): V;
  ceil(a: V): V;
  /** 1 to any power is 1. */
  power(base: V, exponent: V): V;
  cos(a: V): V;
  log(a: V): V;
  /** A mask for `select`: a <= b, false when either is NaN. */
  lessOrEqual(a: V, b: V): V;
  /** A mask for `select`: whether a step counter, not rounded, is at most `limit`. */
  isAtMost(step: V, limit: number): V;
  /** `yes` where the mask holds, else `no`; both are computed. */
  select(mask: V, yes: V, no: V): V;
}
