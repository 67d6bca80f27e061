// Which numbers, or text, an HDF5 array or attribute holds, and its shape.
import { Cursor } from "../cursor.js";
import type { FileDType } from "../dtypes.js";
import { damaged, unsupported } from "../errors.js";

/** A type of numbers as it is stored. */
export interface NumberType {
  readonly dtype: FileDType;
  readonly littleEndian: boolean;
}

const CLASS = { integer: 0, float: 1, text: 3, opaque: 5, enumeration: 8, variable: 9, last: 10 } as const;
/** Since that version there are more classes. */
const LAST_VERSION = 5;
/** Bits of exponent and fraction, by the bytes of a number. */
const FLOATS: Readonly<Record<string, FileDType>> = {
  "2 5 10": "float16",
  "2 8 7": "bfloat16",
  "4 8 23": "float32",
  "8 11 52": "float64",
};
/** Bits of the flags: whether the first bit of a fraction is implied, as it is, and the order of bytes of a VAX. */
const [NORMALIZATION, IMPLIED, VAX] = [0x30, 0x20, 0x40];
const MOST_AXES = 32;

/** The type of numbers of an array. `said` is what an attribute of it says: HDF5 has no bfloat16, and so they are opaque. */
export function numberTypeOf(body: Uint8Array, what: string, said: unknown): NumberType {
  const { kind, flags, sign, byteLength, properties } = headOf(body, what);
  if (kind === CLASS.opaque && byteLength === 2 && said === "bfloat16") return { dtype: said, littleEndian: true };
  if (kind === CLASS.enumeration) return truthType(properties, what);
  const littleEndian = (flags & 1) === 0;
  if (kind === CLASS.integer) {
    const isInteger = flags < 16 && sign === 0;
    const isWhole = isInteger && properties.u16() === 0 && properties.u16() === 8 * byteLength;
    if (!isWhole) throw unsupported(`${what} holds integers of an unknown kind`);
    return { dtype: integerType(byteLength, (flags & 8) !== 0, what), littleEndian };
  }
  if (kind !== CLASS.float) throw unsupported(`${what} holds no numbers`);
  const place = [properties.u16(), properties.u16()];
  const [exponentAt, exponentBits, fractionAt, fractionBits] = [0, 0, 0, 0].map(() => properties.u8()) as [
    ...[number, number, number, number], // as many
  ];
  const dtype = FLOATS[`${byteLength} ${exponentBits} ${fractionBits}`];
  const bits = 8 * byteLength;
  const found = [...place, exponentAt, fractionAt, properties.u32(), sign, flags & NORMALIZATION, flags & VAX];
  const expected = [0, bits, fractionBits, 0, 2 ** (exponentBits - 1) - 1, bits - 1, IMPLIED, 0];
  if (dtype === undefined || found.some((value, i) => value !== expected[i])) {
    throw unsupported(`${what} holds numbers that are not those of IEEE 754`);
  }
  return { dtype, littleEndian };
}

/** The number of bytes of an attribute that is text; null for any other. Text of any length lies elsewhere. */
export function textLengthOf(body: Uint8Array, what: string): number | "elsewhere" | null {
  const head = headOf(body, what);
  if (head.kind === CLASS.text) return head.byteLength;
  if (head.kind === CLASS.variable && (head.flags & 15) === 1) return "elsewhere";
  if (!isOther(head)) throw damaged(`${what} has an attribute of an unknown type`);
  return null;
}

/** Whether this is another type, and not one of text that was changed. */
function isOther({ version, kind, flags, sign, properties }: ReturnType<typeof headOf>): boolean {
  const { left } = properties;
  if (kind === CLASS.integer) return left === 4;
  if (kind === CLASS.float) return left === 12 && properties.skip(2).u16() > 0;
  if (kind === CLASS.enumeration) return left > flags + 256 * sign; // as many names
  if (kind === CLASS.variable) return flags + sign === 0;
  return kind <= CLASS.last || version === LAST_VERSION;
}

/** The lengths of the axes; null for an attribute without value. */
export function shapeOf(body: Uint8Array, what: string): readonly number[] | null {
  const cursor = new Cursor(body, `the shape of ${what}`);
  const version = cursor.u8();
  const rank = cursor.u8();
  if (version !== 1 && version !== 2) throw damaged(`${what} has a shape of the unknown version ${version}`);
  if (rank > MOST_AXES) throw damaged(`${what} has ${rank} axes`);
  cursor.skip(1);
  if (cursor.u8() === 2 && version === 2) return null;
  cursor.skip(version === 1 ? 4 : 0);
  return Array.from({ length: rank }, () => cursor.u64());
}

function headOf(body: Uint8Array, what: string) {
  const properties = new Cursor(body, `the type of ${what}`);
  const [first, flags, sign] = [properties.u8(), properties.u8(), properties.u8()];
  const [version, kind] = [first >> 4, first & 15];
  if (version < 1 || version > LAST_VERSION) throw damaged(`${what} has a type of the unknown version ${version}`);
  return { version, kind, flags, sign, byteLength: properties.skip(1).u32(), properties };
}

function integerType(byteLength: number, isSigned: boolean, what: string): FileDType {
  if (![1, 2, 4, 8].includes(byteLength)) throw unsupported(`${what} holds integers of ${byteLength} bytes`);
  return `${isSigned ? "int" : "uint"}${(8 * byteLength) as 8 | 16 | 32 | 64}`; // the lengths above
}

/** As h5py stores truth values: an enumeration of one byte. */
function truthType(properties: Cursor, what: string): NumberType {
  const isByte = (properties.u8() & 15) === CLASS.integer && properties.skip(3).u32() === 1;
  if (!isByte) throw unsupported(`${what} holds an enumeration`);
  return { dtype: "bool", littleEndian: true };
}
