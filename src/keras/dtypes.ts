// The types of numbers in Keras' files, and what they are in JavaScript.
import { isFloat32Array } from "../check/built-ins.js";
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

/** How numbers of one type are read and written. */
interface Codec {
  readonly byteLength: number;
  readonly get: (view: DataView, at: number, little: boolean) => number;
  readonly set: (view: DataView, at: number, value: number) => void;
}

const CODECS: Readonly<Record<FileDType, Codec>> = {
  float16: codec(
    2,
    (v, at, le) => fromHalf(v.getUint16(at, le)),
    (v, at, x) => v.setUint16(at, toHalf(x), true),
  ),
  bfloat16: codec(
    2,
    (v, at, le) => fromBrain(v.getUint16(at, le)),
    (v, at, x) => v.setUint16(at, toBrain(x), true),
  ),
  float32: codec(
    4,
    (v, at, le) => v.getFloat32(at, le),
    (v, at, x) => v.setFloat32(at, x, true),
  ),
  float64: codec(
    8,
    (v, at, le) => v.getFloat64(at, le),
    (v, at, x) => v.setFloat64(at, x, true),
  ),
  int8: codec(
    1,
    (v, at) => v.getInt8(at),
    (v, at, x) => v.setInt8(at, x),
  ),
  int16: codec(
    2,
    (v, at, le) => v.getInt16(at, le),
    (v, at, x) => v.setInt16(at, x, true),
  ),
  int32: codec(
    4,
    (v, at, le) => v.getInt32(at, le),
    (v, at, x) => v.setInt32(at, x, true),
  ),
  int64: codec(
    8,
    (v, at, le) => exact(v.getBigInt64(at, le)),
    (v, at, x) => v.setBigInt64(at, BigInt(x), true),
  ),
  uint8: codec(
    1,
    (v, at) => v.getUint8(at),
    (v, at, x) => v.setUint8(at, x),
  ),
  uint16: codec(
    2,
    (v, at, le) => v.getUint16(at, le),
    (v, at, x) => v.setUint16(at, x, true),
  ),
  uint32: codec(
    4,
    (v, at, le) => v.getUint32(at, le),
    (v, at, x) => v.setUint32(at, x, true),
  ),
  uint64: codec(
    8,
    (v, at, le) => exact(v.getBigUint64(at, le)),
    (v, at, x) => v.setBigUint64(at, BigInt(x), true),
  ),
  bool: codec(
    1,
    (v, at) => v.getUint8(at),
    (v, at, x) => v.setUint8(at, x),
  ),
};

export const isFloat = (dtype: FileDType): boolean => dtype.includes("float");

export const byteLengthOf = (dtype: FileDType): number => CODECS[dtype].byteLength;

/** The numbers of these bytes: float32 as a Float32Array, all else, which is exact in it, as a Float64Array. */
export function decode(bytes: Uint8Array, dtype: FileDType, littleEndian: boolean): Float32Array | Float64Array {
  const { byteLength, get } = CODECS[dtype];
  const length = bytes.length / byteLength;
  const values = dtype === "float64" || !isFloat(dtype) ? new Float64Array(length) : new Float32Array(length);
  if (dtype === "float32" && littleEndian && isLittleEndian()) {
    new Uint8Array(values.buffer).set(bytes);
    return values;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < length; i++) values[i] = get(view, i * byteLength, littleEndian);
  return values;
}

/** Whether numbers of that type hold these as they are. */
export function holds(dtype: FileDType, values: ArrayLike<number>): boolean {
  const bytes = new Uint8Array(values.length * byteLengthOf(dtype));
  encodeInto(bytes, values, dtype);
  return decode(bytes, dtype, true).every((value, i) => Object.is(value, values[i]));
}

/** Writes numbers as little-endian elements of that type; `bytes` has room for all of them. */
export function encodeInto(bytes: Uint8Array, values: ArrayLike<number>, dtype: FileDType): void {
  if (dtype === "float32" && isFloat32Array(values) && isLittleEndian()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return;
  }
  const { byteLength, set } = CODECS[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < values.length; i++) set(view, i * byteLength, values[i] ?? 0);
}

function codec(byteLength: number, get: Codec["get"], set: Codec["set"]): Codec {
  return { byteLength, get, set };
}

const isLittleEndian = (): boolean => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function exact(value: bigint): number {
  if (BigInt(Number(value)) === value) return Number(value);
  throw unsupported(`the number ${value} has more digits than a JavaScript number`);
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** To the nearest, ties to even: the spacing of halves near a number is a power of two. */
function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1)) - 1);
  const [steps, base] = halfSteps(size, size === 0 ? -14 : exponent);
  return sign | (steps + base);
}

/** The fraction, which may carry into the exponent, and the exponent in its place. */
function halfSteps(size: number, guess: number): [number, number] {
  let exponent = guess;
  while (size >= 2 ** (exponent + 1)) exponent++;
  const steps = roundToEven(size * 2 ** (10 - exponent));
  const isNormal = size >= 2 ** -14;
  return isNormal ? [steps - 1024, (exponent + 15) << 10] : [steps, 0];
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** The upper half of a float32. */
function fromBrain(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

function toBrain(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}
