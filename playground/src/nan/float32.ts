// float32 numbers as they are: their bits, their neighbours, and the shortest decimal that means exactly them.

/** The 32 bits of a number, in their three parts. */
export interface Bits {
  readonly sign: string;
  readonly exponent: string;
  readonly fraction: string;
}

export function bitsOf(value: number): Bits {
  const all = wordOf(value).toString(2).padStart(32, "0");
  return { sign: all.slice(0, 1), exponent: all.slice(1, 9), fraction: all.slice(9) };
}

/** How many float32 numbers it takes to come from `b` to `a`, for numbers that are not negative. */
export function numbersBetween(a: number, b: number): number {
  return wordOf(a) - wordOf(b);
}

/** How far the next greater float32 number is. For finite numbers that are not negative. */
export function spacingAt(value: number): number {
  const word = new Uint32Array([wordOf(value) + 1]);
  return (new Float32Array(word.buffer)[0] ?? Number.NaN) - value;
}

/** The shortest decimal that is read as this number is in float32; with a true minus. */
export function exact(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const digits =
    [1, 2, 3, 4, 5, 6, 7, 8].find((digits) => Math.fround(Number(value.toPrecision(digits))) === Math.fround(value)) ??
    9;
  const text = size > 0 && size < 1e-3 ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
  return text.replace("e-", "e−").replace(/^-/, "−");
}

function wordOf(value: number): number {
  return new Uint32Array(new Float32Array([value]).buffer)[0] ?? 0;
}
