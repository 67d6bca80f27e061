// The types of numbers in Keras' files, and what they are in JavaScript.
import { type HalfFormat, widen } from "../rule/half.js";
import { unsupported } from "./errors.js";

/** A type of numbers in a file. */
export type FileDType =
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool";

/** What elements are in memory. */
const ELEMENTS = {
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
} as const;

/** Elements as they lie in memory. */
type Elements =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

export const isFloat = (dtype: FileDType): boolean => dtype.includes("float");

export const byteLengthOf = (dtype: FileDType): number => ELEMENTS[dtype].BYTES_PER_ELEMENT;

/** The numbers of these bytes: float32 and shorter as a Float32Array, all else, which is exact in it, as a Float64Array. */
export function decode(bytes: Uint8Array, dtype: FileDType, littleEndian: boolean): Float32Array | Float64Array {
  const { buffer } = turned(new Uint8Array(bytes), dtype, littleEndian);
  if (dtype === "float16" || dtype === "bfloat16") return floatsOf(dtype, new Uint16Array(buffer));
  if (dtype === "float32") return new Float32Array(buffer);
  if (dtype === "int64") return Float64Array.from(new BigInt64Array(buffer), exact);
  if (dtype === "uint64") return Float64Array.from(new BigUint64Array(buffer), exact);
  return new Float64Array(new ELEMENTS[dtype](buffer));
}

/** Whether numbers of that type hold these as they are. */
export function holds(dtype: FileDType, values: ArrayLike<number>): boolean {
  return decode(encodedBytes(values, dtype), dtype, true).every((value, i) => Object.is(value, values[i]));
}

/** Numbers as elements of that type. */
export function encode(values: ArrayLike<number>, dtype: FileDType): Elements {
  if (dtype === "float16") return Uint16Array.from(values, toHalf);
  if (dtype === "bfloat16") return Uint16Array.from(values, toBrain);
  if (dtype === "int64") return BigInt64Array.from(values, BigInt);
  if (dtype === "uint64") return BigUint64Array.from(values, BigInt);
  return new ELEMENTS[dtype](values);
}

/** Numbers as the bytes of little-endian elements of that type. */
export function encodedBytes(values: ArrayLike<number>, dtype: FileDType): Uint8Array {
  return turned(new Uint8Array(encode(values, dtype).buffer), dtype, true);
}

/** Turns the bytes of each element round, unless this machine has them in that order. */
function turned<B extends Uint8Array>(bytes: B, dtype: FileDType, littleEndian: boolean): B {
  const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  if (littleEndian === isLittleEndian) return bytes;
  const step = byteLengthOf(dtype);
  for (let at = 0; at < bytes.length; at += step) bytes.subarray(at, at + step).reverse();
  return bytes;
}

function exact(value: bigint): number {
  if (BigInt(Number(value)) === value) return Number(value);
  throw unsupported(`the number ${value} has more digits than a JavaScript number`);
}

function floatsOf(format: HalfFormat, bits: Uint16Array): Float32Array {
  const floats = new Float32Array(bits.length);
  widen(format, bits, floats);
  return floats;
}

/** To the nearest, ties to even. A fraction that is rounded up to the next power of two goes into the exponent. */
function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  let [exponent, spacing] = [0, 2 ** -24];
  for (; size >= 2048 * spacing; spacing *= 2) exponent++;
  const steps = size / spacing + 2 ** 52 - 2 ** 52; // there, numbers are whole
  return sign | ((exponent << 10) + steps);
}

function toBrain(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const [bits = 0] = new Uint32Array(Float32Array.of(value).buffer);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}
