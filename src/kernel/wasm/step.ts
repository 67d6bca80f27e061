// kernel/wasm/: from a plan to the bytes of a WebAssembly module. Pure: it runs nothing.
//
// Plan -> WebAssembly: one pass over the arrays of each row of a table, in vectors, with a scalar tail from the same rule.
// The sums that norms need are in sum.ts.
import type { Plan } from "../../rule/plan.js";
import { type StepInputs, type StepScalars, step } from "../../rule/step.js";
import * as wasm from "./encoder.js";
import { type Code, Locals, localGet, localSet, TYPE } from "./encoder.js";
import { constant, LANES, type Lane, laneOps } from "./lanes.js";
import { type Instruction, pipelined, straight } from "./pipeline.js";

/**
 * The table that a kernel walks, one row a variable: at byte 0 the row's own scalar, at 8 the byte length of its arrays,
 * from 12 on the address of each array in the plan's order, padded to a multiple of 8.
 * Scalars lie 8 bytes apart in the plan's order.
 */
export const TABLE = {
  byteLengthAt: 8,
  addressesAt: 12,
  strideFor: (arrays: number): number => Math.ceil((12 + 4 * arrays) / 8) * 8,
  scalarStride: 8,
} as const;

/** The parameters of `run`. */
export const PARAMETERS = { table: 0, tableEnd: 1, scalars: 2 } as const;

/** Runs code for each row of a table whose rows have so many arrays. */
export function forEachRow(row: Code, arrays: number): Code {
  const { table, tableEnd } = PARAMETERS;
  const next = wasm.increase(table, wasm.i32(TABLE.strideFor(arrays)));
  return wasm.whileLoop([localGet(table), localGet(tableEnd), wasm.i32LessThan], [row, next]);
}

/** A module that exports `run(table, tableEnd, scalars)`: one step of every row between two addresses. */
export function stepModule(plan: Plan, shared: boolean): Uint8Array<ArrayBuffer> {
  const locals = new Locals(3);
  const { table } = PARAMETERS;
  const offset = locals.add(TYPE.i32);
  const byteLength = locals.add(TYPE.i32);
  const addresses = plan.arrays.map(() => locals.add(TYPE.i32));
  const scalar = laneSetup(plan, LANES[plan.dtype].scalar, locals);
  const vector = laneSetup(plan, LANES[plan.dtype].vector, locals);
  const sweep = (setup: LaneSetup, order: typeof pipelined): Code => {
    const stride = setup.lane.byteLength;
    const end = [localGet(byteLength), wasm.i32(-stride), wasm.i32And];
    return order(elementCode(plan, setup, locals, addresses, offset), locals, { offset, end, stride });
  };
  const sweeps = [sweep(vector, pipelined), sweep(vector, straight), sweep(scalar, straight)];
  const loadRow = [
    addresses.map((address, i) => [localGet(table), wasm.i32Load(TABLE.addressesAt + 4 * i), localSet(address)]),
    [localGet(table), wasm.i32Load(TABLE.byteLengthAt), localSet(byteLength), wasm.i32(0), localSet(offset)],
  ];
  const row = [loadRow, scalar.eachRow, vector.eachRow, sweeps];
  const body = [scalar.once, vector.once, forEachRow(row, plan.arrays.length)];
  return wasm.moduleOf([{ parameters: [TYPE.i32, TYPE.i32, TYPE.i32], results: [], locals, body }], shared);
}

/** A lane with its scalars and constants in locals, and the code that puts them there. */
interface LaneSetup {
  readonly lane: Lane;
  readonly k: StepScalars<number>;
  readonly constantOf: (value: number) => number;
  readonly once: Code;
  readonly eachRow: Code;
}

function laneSetup(plan: Plan, lane: Lane, locals: Locals): LaneSetup {
  const { scalar } = LANES[plan.dtype];
  const once: Code[] = [];
  const constants = new Map<number, number>();
  const splat = (value: Code, to: number): Code => [value, lane.op.splat, localSet(to)];
  const k: Record<string, number> = {};
  plan.scalars.forEach((name, i) => {
    k[name] = locals.add(lane.type);
    once.push(splat([localGet(PARAMETERS.scalars), scalar.load(i * TABLE.scalarStride)], k[name]));
  });
  let eachRow: Code = [];
  if (plan.rowScalar !== null) {
    const own = locals.add(lane.type);
    k[plan.rowScalar] = own;
    eachRow = splat([localGet(PARAMETERS.table), scalar.load(0)], own);
  }
  const constantOf = (value: number): number => {
    const known = constants.get(value);
    if (known !== undefined) return known;
    const local = locals.add(lane.type);
    once.push(splat(constant(plan.dtype, value), local));
    constants.set(value, local);
    return local;
  };
  return { lane, k: k as StepScalars<number>, constantOf, once, eachRow }; // what the plan lists
}

/** Load, compute, store: one element of a lane at `offset` of every array. */
function elementCode(
  plan: Plan,
  { lane, k, constantOf }: LaneSetup,
  locals: Locals,
  addresses: readonly number[],
  offset: number,
): Instruction[] {
  const code: Instruction[] = [];
  const x: Record<string, number> = {};
  const at = (i: number): Code => [localGet(addresses[i] ?? 0), localGet(offset), wasm.i32Add];
  plan.arrays.forEach((name, i) => {
    const output = { local: locals.add(lane.type), type: lane.type };
    x[name] = output.local;
    code.push({ inputs: [], after: [], output, slow: false, code: (_, distance) => [at(i), lane.load(distance)] });
  });
  // What the plan lists.
  const outputs = step(laneOps(lane, locals, code, constantOf), plan, x as StepInputs<number>, k);
  for (const [name, value] of Object.entries(outputs)) {
    const i = plan.arrays.indexOf(name);
    const store: Instruction["code"] = (from, distance) => [at(i), from.map(localGet), lane.store(distance)];
    // A gradient may be the variable itself.
    const after = [x[name], x.gradient].filter((local) => local !== undefined);
    code.push({ inputs: [value], after, output: null, slow: false, code: store });
  }
  return code;
}
