// Numbers of two bytes -> float32 in linear memory, four at a time. What they are is in rule/half.ts.
import { type BitOps, type HalfFormat, widened } from "../../rule/half.js";
import * as wasm from "./encoder.js";
import { type Code, Locals, localGet, localSet, TYPE, unsigned } from "./encoder.js";

const simd = (opcode: number, ...immediates: Code): Code => [0xfd, unsigned(opcode), immediates];

/** The least that `widenModule` writes at a time, in numbers. */
const WIDENED_AT_ONCE = 4;

/**
 * A module that exports `run(from, end, to)`: the numbers from one address to another, of which it takes
 * `WIDENED_AT_ONCE` as long as there is one left. They may lie where it writes, if none is written over before it is read.
 */
export function widenModule(format: HalfFormat, shared: boolean): Uint8Array<ArrayBuffer> {
  const [from, end, to] = [0, 1, 2];
  const locals = new Locals(3);
  const [once, code]: [Code[], Code[]] = [[], []];
  const half = locals.add(TYPE.v128);
  const word = widened(bitOps(locals, once, code), format, half);
  const body = [
    once,
    wasm.whileLoop(
      [localGet(from), localGet(end), wasm.i32LessThan],
      [
        [localGet(from), simd(LOAD_16_AS_32, 1, 0), localSet(half), code],
        [localGet(to), localGet(word), simd(STORE, 2, 0)],
        wasm.increase(from, wasm.i32(2 * WIDENED_AT_ONCE)),
        wasm.increase(to, wasm.i32(4 * WIDENED_AT_ONCE)),
      ],
    ),
  ];
  return wasm.moduleOf([{ parameters: [TYPE.i32, TYPE.i32, TYPE.i32], results: [], locals, body }], shared);
}

const LOAD_16_AS_32 = 0x04;
const STORE = 0x0b;

/** `BitOps` over locals: each operation appends what sets a new one. Constants are set once. */
function bitOps(locals: Locals, once: Code[], code: Code[]): BitOps<number> {
  const set = (to: Code[], value: Code): number => {
    const local = locals.add(TYPE.v128);
    to.push([value, localSet(local)]);
    return local;
  };
  const of = (opcode: number, ...inputs: readonly number[]): number => set(code, [inputs.map(localGet), simd(opcode)]);
  return {
    constant: (bits) => set(once, [wasm.i32(bits | 0), simd(0x11)]),
    and: (a, b) => of(0x4e, a, b),
    or: (a, b) => of(0x50, a, b),
    add: (a, b) => of(0xae, a, b),
    shiftLeft: (a, by) => set(code, [localGet(a), wasm.i32(by), simd(0xab)]),
    ifLess: (a, b, yes, no) => of(0x52, yes, no, of(0x39, a, b)),
    floatOf: (a) => of(0xfa, a),
  };
}
