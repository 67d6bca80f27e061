// Numbers of two bytes, worked out from what their bits mean: the package's own bits are judged by these.
export type HalfFormat = "float16" | "bfloat16";

export const FORMATS: readonly HalfFormat[] = ["float16", "bfloat16"];

/** Bits of the fraction, and of the exponent. */
const LAYOUTS = { float16: [10, 5], bfloat16: [7, 8] } as const;

/** Every number of two bytes, as its bits. */
export const ALL_HALVES: Uint16Array = Uint16Array.from({ length: 2 ** 16 }, (_, half) => half);

/** The bits of a float32 that is this number; the payload of a NaN stays. */
export function floatBitsOf(format: HalfFormat, half: number): number {
  const [fractionBits, exponentBits] = LAYOUTS[format];
  const sign = half >>> 15;
  const exponent = (half >>> fractionBits) & (2 ** exponentBits - 1);
  const fraction = half & (2 ** fractionBits - 1);
  if (exponent === 2 ** exponentBits - 1) {
    return ((sign << 31) | 0x7f800000 | (fraction << (23 - fractionBits))) >>> 0;
  }
  const bias = 2 ** (exponentBits - 1) - 1;
  const significand = exponent === 0 ? fraction : fraction + 2 ** fractionBits;
  const size = significand * 2 ** (Math.max(exponent, 1) - bias - fractionBits);
  return wordsOf(Float32Array.of(sign === 1 ? -size : size))[0] as number; // of one number
}

/** Numbers of two bytes as float32. */
export function floatsOf(format: HalfFormat, halves: ArrayLike<number>): Float32Array {
  const words = Uint32Array.from(halves, (half) => floatBitsOf(format, half));
  return new Float32Array(words.buffer);
}

/** float32 numbers as their bits. */
export const wordsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);

/** Some finite numbers of two bytes, of sizes that gradients have. */
export function someHalves(format: HalfFormat, seed: number, count: number): Uint16Array {
  let state = seed;
  return Uint16Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const exponent = (format === "float16" ? 15 : 127) - 8 + ((state >>> 8) % 9);
    const [fractionBits] = LAYOUTS[format];
    return ((state >>> 31) << 15) | (exponent << fractionBits) | ((state >>> 16) % 2 ** fractionBits);
  });
}
