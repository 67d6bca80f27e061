// Arrays from integers, arrays as bytes, and bytes as text: the same as bits.py, which explains the regimes.
import { createHash } from "node:crypto";

export type DType = "float32" | "float64";
export type FloatArray = Float32Array | Float64Array;

interface Exponents {
  readonly least: number;
  readonly count: number;
}

const exponents = (
  least: number,
  count: number,
  least64 = least,
  count64 = count,
): Readonly<Record<DType, Exponents>> => ({
  float32: { least, count },
  float64: { least: least64, count: count64 },
});

const EXPONENTS: Readonly<Record<string, Readonly<Record<DType, Exponents>>>> = {
  normal: exponents(-6, 8),
  positive: exponents(-6, 8),
  constant: exponents(-10, 40),
  small: exponents(-30, 10),
  tiny: exponents(-75, 20, -540, 30),
  large: exponents(20, 20),
  huge: exponents(58, 20, 505, 14),
  wide: exponents(-60, 120, -300, 600),
};

const MIXTURES: Readonly<Record<string, readonly string[]>> = {
  mixed: ["normal", "normal", "small", "tiny", "subnormal", "zero", "large", "one"],
  nonfinite: ["infinite", "nan", "normal", "normal", "normal", "normal", "zero", "normal"],
  sparse: ["zero", "zero", "zero", "zero", "zero", "normal", "normal", "normal"],
};

/** How numbers are laid out in 32-bit words: float64 has its sign and exponent in the high word. */
const FORMATS = {
  float32: { mantissaBits: 23, bias: 127, special: 255, array: Float32Array, words: 1 },
  float64: { mantissaBits: 20, bias: 1023, special: 2047, array: Float64Array, words: 2 },
} as const;

const GOLDEN = 0x9e3779b9;

/** A 32-bit finalizer: every bit of the result depends on every bit of the word. */
function mix(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** The seed of one array: step 0 is the initial value, step s the gradient of the s-th call. */
export function streamOf(seed: number, step: number, variable: number): number {
  return mix(mix(seed) + step * 4096 + variable);
}

/** The array of this regime and stream. */
export function fill(size: number, dtype: DType, regime: string, stream: number): FloatArray {
  const array = new FORMATS[dtype].array(size);
  const bits = new Uint32Array(array.buffer);
  const wordAt = (index: number): number => mix(stream + Math.imul(index + 1, GOLDEN));
  for (let i = 0; i < size; i++) {
    const from = regime === "constant" ? 0 : 3 * i;
    const sign = regime === "constant" || regime === "positive" ? 0xfffffffe : 0xffffffff;
    writeElement(bits, i, [wordAt(from) & sign, wordAt(from + 1), wordAt(from + 2)], dtype, regime);
  }
  return array;
}

type Words = readonly [number, number, number];

function writeElement(bits: Uint32Array, index: number, [a, b, c]: Words, dtype: DType, regime: string): void {
  const part = MIXTURES[regime]?.[(a >>> 8) & 7] ?? regime;
  const { mantissaBits, bias, special, words } = FORMATS[dtype];
  let high = b & ((1 << mantissaBits) - 1);
  let low = c;
  let sign = a & 1;
  let exponent = 0;
  const range = EXPONENTS[part]?.[dtype];
  if (range !== undefined) {
    exponent = ((a >>> 16) % range.count) + bias + range.least;
  } else if (part === "subnormal") {
    const shift = (a >>> 16) % 20;
    low = shift === 0 ? low : (low >>> shift) | (high << (32 - shift));
    high >>>= shift;
  } else {
    exponent = { one: bias, zero: 0, infinite: special, nan: special }[part] ?? Number.NaN;
    high = part === "nan" ? 1 << (mantissaBits - 1) : 0;
    low = 0;
    if (part === "nan") sign = 0;
  }
  const top = ((sign << 31) | (exponent << mantissaBits) | high) >>> 0;
  if (words === 1) bits[index] = top;
  else bits.set([low >>> 0, top], 2 * index);
}

/** An array as its bytes are compared: every NaN has the same bits, skipped elements are 0. */
export function canonical(array: FloatArray, skipped: readonly number[] = []): FloatArray {
  const copy = array.slice();
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
  const { mantissaBits, special, words } = FORMATS[dtypeOf(copy)];
  const bits = new Uint32Array(copy.buffer);
  const quiet = ((special << mantissaBits) | (1 << (mantissaBits - 1))) >>> 0;
  for (let i = 0; i < copy.length; i++) {
    if (!Number.isNaN(copy[i])) continue;
    bits[words * i] = 0;
    bits[words * i + words - 1] = quiet;
  }
  for (const i of skipped) copy[i] = 0;
  return copy;
}

export const dtypeOf = (array: FloatArray): DType => (array instanceof Float32Array ? "float32" : "float64");

const bytesOf = (array: FloatArray): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The first 64 bits of SHA-256 of all arrays, one after another. */
export function digest(arrays: Iterable<FloatArray>): string {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(bytesOf(array));
  return hash.digest("hex").slice(0, 16);
}

/** What bits.py's `encode` wrote: all elements, or a hash and the first four. */
export interface Encoded {
  readonly hash: string | null;
  readonly values: FloatArray;
}

export function decode(text: string, dtype: DType): Encoded {
  const isHashed = text.startsWith("#");
  const bytes = Uint8Array.from(Buffer.from(isHashed ? text.slice(17) : text, "base64"));
  return { hash: isHashed ? text.slice(1, 17) : null, values: new FORMATS[dtype].array(bytes.buffer) };
}

/** The bits of one element, as hexadecimal digits. */
export function bitsOf(value: number, dtype: DType): string {
  return `0x${integerOf(value, dtype)
    .toString(16)
    .padStart(dtype === "float32" ? 8 : 16, "0")}`;
}

/** How many numbers of the type lie between two numbers, plus one; Infinity when one of them is NaN. */
export function ulpDistance(a: number, b: number, dtype: DType): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Object.is(a, b) ? 0 : Number.POSITIVE_INFINITY;
  const ordered = (value: number): bigint => {
    const bits = integerOf(Math.abs(value), dtype);
    return value < 0 || Object.is(value, -0) ? -bits : bits;
  };
  const distance = ordered(a) - ordered(b);
  return Number(distance < 0n ? -distance : distance);
}

function integerOf(value: number, dtype: DType): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (dtype === "float32") view.setFloat32(4, value);
  else view.setFloat64(0, value);
  return view.getBigUint64(0);
}
