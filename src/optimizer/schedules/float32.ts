// The float32 arithmetic of the schedules: every operation is rounded where Keras rounds it.

import { checkNumber } from "../checks.js";

/** Rounds to float32, after each operation. */
export const f: (x: number) => number = Math.fround;

/** Pi, rounded to float32. */
export const PI: number = f(Math.PI);

/** `base` to the power of `exponent`, correctly rounded. 1 to any power is 1 as in C, not NaN as in JavaScript. */
export const power = (base: number, exponent: number): number => (base === 1 ? 1 : f(base ** exponent));

/** The cosine of `x`, correctly rounded. */
export const cos = (x: number): number => f(Math.cos(x));

/** The natural logarithm of `x`, correctly rounded. */
export const log = (x: number): number => f(Math.log(x));

/** A step counter as a float32; `owner` complains when it is no finite number. */
export const stepOf = (owner: string, step: number): number => f(checkNumber(owner, "step", step));
