// Numbers of two bytes: what they are as float32, written once over whole numbers of 32 bits.

/** How two bytes are a number: float16 as in IEEE 754, or bfloat16, the upper half of a float32. */
export type HalfFormat = "float16" | "bfloat16";

export const HALF_FORMATS: readonly HalfFormat[] = ["float16", "bfloat16"];

/** Operations on whole numbers of 32 bits. */
export interface BitOps<V> {
  constant(bits: number): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  /** `a + b`, modulo 2 ** 32. */
  add(a: V, b: V): V;
  shiftLeft(a: V, by: number): V;
  /** `yes` where a < b, else `no`. Both are below 2 ** 31. */
  ifLess(a: V, b: V, yes: V, no: V): V;
  /** The bits of the float32 number that is `a`, which is below 2 ** 24. */
  floatOf(a: V): V;
}

/** Added to the bits of a float32, these are a factor of 2 ** `exponent`. */
const scaledBy = (exponent: number): number => exponent << 23;

/** The bits of a float32 that is the number of these two bytes, NaN with its payload. */
export function widened<V>(op: BitOps<V>, format: HalfFormat, half: V): V {
  if (format === "bfloat16") return op.shiftLeft(half, 16);
  const [zero, normal, infinite] = [0, 0x400, 0x7c00].map(op.constant) as [V, V, V]; // one for each
  const size = op.and(half, op.constant(0x7fff));
  const sign = op.shiftLeft(op.and(half, op.constant(0x8000)), 16);
  const moved = op.add(op.shiftLeft(size, 13), op.constant(scaledBy(127 - 15)));
  const large = op.ifLess(size, infinite, moved, op.add(moved, op.constant(scaledBy(128 - 16))));
  const small = op.ifLess(zero, size, op.add(op.floatOf(size), op.constant(scaledBy(-24))), zero);
  return op.or(sign, op.ifLess(size, normal, small, large));
}

/** `BitOps` over plain numbers. */
const numberBits: BitOps<number> = {
  constant: (bits) => bits >>> 0,
  and: (a, b) => (a & b) >>> 0,
  or: (a, b) => (a | b) >>> 0,
  add: (a, b) => (a + b) >>> 0,
  shiftLeft: (a, by) => (a << by) >>> 0,
  ifLess: (a, b, yes, no) => (a < b ? yes : no),
  floatOf: (a) => new Uint32Array(Float32Array.of(a).buffer)[0] as number, // the same bytes
};

const tables: Partial<Record<HalfFormat, Uint32Array>> = {};

/** Writes numbers of two bytes as float32. `to` has room for them. */
export function widen(format: HalfFormat, bits: Uint16Array, to: Float32Array): void {
  tables[format] ??= Uint32Array.from({ length: 2 ** 16 }, (_, half) => widened(numberBits, format, half));
  const table = tables[format];
  const words = new Uint32Array(to.buffer, to.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = table[bits[i] as number] as number; // an index of each
}
