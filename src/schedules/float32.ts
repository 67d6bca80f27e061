// The float32 arithmetic of the schedules: every operation is rounded where Keras rounds it.
import type { ScheduleOps } from "./schedule-ops.js";

const f = Math.fround;

/** The operations of a schedule on plain numbers. */
export const FLOAT32: ScheduleOps<number> = {
  constant: f,
  rounded: f,
  add: (a, b) => f(a + b),
  sub: (a, b) => f(a - b),
  mul: (a, b) => f(a * b),
  div: (a, b) => f(a / b),
  min: Math.min,
  floor: Math.floor,
  ceil: Math.ceil,
  // In C 1 to any power is 1; in JavaScript 1 to the power of NaN is NaN.
  power: (base, exponent) => (base === 1 ? 1 : f(base ** exponent)),
  cos: (a) => f(Math.cos(a)),
  log: (a) => f(Math.log(a)),
  lessOrEqual: (a, b) => Number(a <= b),
  isAtMost: (step, limit) => Number(step <= limit),
  select: (mask, yes, no) => (mask ? yes : no),
};
