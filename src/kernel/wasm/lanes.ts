// `Ops` that emit WebAssembly: a value is a local, an operation a few opcodes. One table of opcodes for each kind of
// lane: scalar or 128-bit vector, float32 or float64.
import type { Ops } from "../../rule/ops.js";
import type { DType } from "../../rule/plan.js";
import { type Code, type Locals, localGet, TYPE, unsigned } from "./encoder.js";
import type { Instruction } from "./pipeline.js";

type Operation = "add" | "sub" | "mul" | "div" | "sqrt" | "abs" | "min" | "max" | "lessOrEqual" | "select" | "splat";

/** How elements of one kind are loaded, stored and computed with. */
export interface Lane {
  readonly type: number;
  /** The type of what a comparison gives. */
  readonly maskType: number;
  readonly byteLength: number;
  readonly load: (offset: number) => Code;
  readonly store: (offset: number) => Code;
  /** `splat` makes a value of this lane of a scalar on the stack. */
  readonly op: Readonly<Record<Operation, Code>>;
  /** The value, or the limit where the value lies beyond it; a NaN stays. */
  readonly atLeast: (value: Code, limit: Code) => Code;
  readonly atMost: (value: Code, limit: Code) => Code;
  /** The value, or 0 where the mask holds, where that is faster than a select. */
  readonly unless: ((value: Code, mask: Code) => Code) | null;
}

const simd = (opcode: number): Code => [0xfd, unsigned(opcode)];
const memory =
  (instruction: Code, align: number) =>
  (offset: number): Code => [instruction, align, unsigned(offset)];

/** Both kinds of lane number their arithmetic in the same order. */
const arithmetic = (code: (opcode: number) => Code, sqrt: number, abs: number, lessOrEqual: number) => ({
  ...{ sqrt: code(sqrt), add: code(sqrt + 1), sub: code(sqrt + 2), mul: code(sqrt + 3), div: code(sqrt + 4) },
  ...{ min: code(sqrt + 5), max: code(sqrt + 6), abs: code(abs), lessOrEqual: code(lessOrEqual) },
});

const scalarOp = (sqrt: number, abs: number, lessOrEqual: number): Lane["op"] => ({
  ...arithmetic((opcode) => [opcode], sqrt, abs, lessOrEqual),
  ...{ select: [0x1b], splat: [] },
});

const vectorOp = (sqrt: number, abs: number, lessOrEqual: number, splat: number): Lane["op"] => ({
  ...arithmetic(simd, sqrt, abs, lessOrEqual),
  ...{ select: simd(0x52), splat: simd(splat) },
});

/** Limits of a scalar, by a comparison: vectors have instructions of their own. */
const scalarLimits = (lessThan: number): Pick<Lane, "atLeast" | "atMost" | "unless"> => ({
  unless: null,
  atLeast: (value, limit) => [limit, value, value, limit, lessThan, 0x1b],
  atMost: (value, limit) => [limit, value, limit, value, lessThan, 0x1b],
});

// pmin and pmax give their first operand unless the second one lies beyond it.
const vectorLimits = (pmin: number): Pick<Lane, "atLeast" | "atMost"> => ({
  atLeast: (value, limit) => [value, limit, simd(pmin + 1)],
  atMost: (value, limit) => [value, limit, simd(pmin)],
});

const ANDNOT = 0x4f;

const vector = {
  unless: (value: Code, mask: Code): Code => [value, mask, simd(ANDNOT)],
  type: TYPE.v128,
  maskType: TYPE.v128,
  byteLength: 16,
  load: memory(simd(0x00), 2),
  store: memory(simd(0x0b), 2),
};

/** The scalar and the vector lane of each type of variable. */
export const LANES: Readonly<
  Record<DType, { readonly scalar: Lane; readonly vector: Lane; readonly extract: number }>
> = {
  float32: {
    scalar: {
      ...{ type: TYPE.f32, maskType: TYPE.i32, byteLength: 4, load: memory([0x2a], 2), store: memory([0x38], 2) },
      ...scalarLimits(0x5d),
      op: scalarOp(0x91, 0x8b, 0x5f),
    },
    vector: { ...vector, ...vectorLimits(0xea), op: vectorOp(0xe3, 0xe0, 0x45, 0x13) },
    extract: 0x1f,
  },
  float64: {
    scalar: {
      ...{ type: TYPE.f64, maskType: TYPE.i32, byteLength: 8, load: memory([0x2b], 3), store: memory([0x39], 3) },
      ...scalarLimits(0x63),
      op: scalarOp(0x9f, 0x99, 0x65),
    },
    vector: { ...vector, ...vectorLimits(0xf6), op: vectorOp(0xef, 0xec, 0x4b, 0x14) },
    extract: 0x21,
  },
};

/** One element of a vector on the stack. */
export const extractLane = (dtype: DType, lane: number): Code => [simd(LANES[dtype].extract), lane];

/** A constant of a scalar lane. */
export function constant(dtype: DType, value: number): Code {
  const bytes = new DataView(new ArrayBuffer(8));
  if (dtype === "float32") bytes.setFloat32(0, value, true);
  else bytes.setFloat64(0, value, true);
  const length = LANES[dtype].scalar.byteLength;
  return [dtype === "float32" ? 0x43 : 0x44, ...Array.from({ length }, (_, i) => bytes.getUint8(i))];
}

/** `Ops` over locals: each operation appends an instruction that sets a new local to its result. */
export function laneOps(
  lane: Lane,
  locals: Locals,
  emit: Instruction[],
  constantOf: (value: number) => number,
): Ops<number> {
  const zeros = new Set<number>();
  const result = (inputs: readonly number[], code: (...values: Code[]) => Code, type = lane.type, slow = false) => {
    const local = locals.add(type);
    const output = { local, type };
    emit.push({ inputs, after: [], output, slow, code: (from) => code(...from.map(localGet)) });
    return local;
  };
  const push = (operation: Operation, inputs: readonly number[], type = lane.type): number =>
    result(inputs, (...values) => [values, lane.op[operation]], type, SLOW.includes(operation));
  return {
    constant: (value) => {
      const local = constantOf(value);
      if (Object.is(value, 0)) zeros.add(local);
      return local;
    },
    add: (a, b) => push("add", [a, b]),
    sub: (a, b) => push("sub", [a, b]),
    mul: (a, b) => push("mul", [a, b]),
    div: (a, b) => push("div", [a, b]),
    sqrt: (a) => push("sqrt", [a]),
    abs: (a) => push("abs", [a]),
    min: (a, b) => push("min", [a, b]),
    max: (a, b) => push("max", [a, b]),
    clamp: (a, low, high) => result([result([a, low], lane.atLeast), high], lane.atMost),
    lessOrEqual: (a, b) => push("lessOrEqual", [a, b], lane.maskType),
    select: (mask, yes, no) =>
      zeros.has(yes) && lane.unless ? result([no, mask], lane.unless) : push("select", [yes, no, mask]),
  };
}

const SLOW: readonly Operation[] = ["div", "sqrt"];
