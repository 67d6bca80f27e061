// Plan -> WebAssembly: the sum over one gradient that a norm or the finite check needs, in NumPy's pairwise order.
// The same tree as rule/pairwise.ts: its eight running sums are lanes of vectors here.
import { arraysOfSum, type Summand, summandOf } from "../../rule/norm.js";
import { joinRunning, LEAF_LENGTH, RUNNING_SUMS } from "../../rule/pairwise.js";
import type { Plan } from "../../rule/plan.js";
import type { StepInputs, StepScalars } from "../../rule/step.js";
import * as wasm from "./encoder.js";
import { type Code, Locals, localGet, localSet, TYPE } from "./encoder.js";
import { extractLane, LANES, type Lane, laneOps } from "./lanes.js";
import { type Instruction, inOrder } from "./pipeline.js";
import { forEachRow, PARAMETERS, TABLE } from "./step.js";

/** A module that exports `run(table, tableEnd, scalars)`: the sum of each row of a table like a step's, in its first 8 bytes. */
export function sumModule(summand: Summand, plan: Plan, shared: boolean): Uint8Array<ArrayBuffer> {
  return wasm.moduleOf([pairwise(summand, plan), sumOfRows(summand, plan)], shared);
}

/** Function 1: calls function 0 for each row. */
function sumOfRows(summand: Summand, plan: Plan): wasm.WasmFunction {
  const { scalar } = LANES[plan.dtype];
  const { table, scalars } = PARAMETERS;
  const addresses = arraysOfSum(summand, plan).map((_, i) => wasm.i32Load(TABLE.addressesAt + 4 * i));
  const count = [wasm.i32Load(TABLE.byteLengthAt), wasm.i32(Math.log2(scalar.byteLength)), wasm.i32ShiftRight];
  const row = [
    [localGet(table), addresses.map((address) => [localGet(table), address])],
    [localGet(table), count, localGet(scalars), wasm.call(0), scalar.store(0)],
  ];
  const body = forEachRow(row, addresses.length);
  return { parameters: [TYPE.i32, TYPE.i32, TYPE.i32], results: [], locals: new Locals(3), body };
}

/** Function 0: `(...addresses, count, scalars)` to the sum of `count` > 0 elements. */
function pairwise(summand: Summand, plan: Plan): wasm.WasmFunction {
  const { scalar, vector } = LANES[plan.dtype];
  const names = arraysOfSum(summand, plan);
  const parameters = [...names, "count", "scalars"].map(() => TYPE.i32);
  const locals = new Locals(parameters.length);
  const addresses = [...names.keys()];
  const count = names.length;
  const scope: SumScope = { summand, plan, locals, addresses, count, scalars: count + 1 };
  const sum = locals.add(scalar.type);
  const advance = (elements: number): Code => [
    addresses.map((address) => wasm.increase(address, wasm.i32(elements * scalar.byteLength))),
    wasm.increase(count, wasm.i32(-elements)),
  ];
  const value = () => valueCode(scope, scalar, 0);
  const rest = wasm.whileLoop(localGet(count), [localGet(sum), value(), scalar.op.add, localSet(sum), advance(1)]);
  const inSequence = [value(), localSet(sum), advance(1), rest, localGet(sum), wasm.RETURN];
  const byEights = [sumByEights(scope, vector, sum, advance(RUNNING_SUMS)), rest, localGet(sum)];
  const below = (limit: number): Code => [localGet(count), wasm.i32(limit), wasm.i32LessThan];
  const body = [
    wasm.ifThen(below(RUNNING_SUMS), inSequence),
    wasm.ifThen([wasm.i32(LEAF_LENGTH), localGet(count), wasm.i32LessThan], sumOfHalves(scope, scalar)),
    byEights,
  ];
  return { parameters, results: [scalar.type], locals, body };
}

/** The locals of function 0; the first ones are its parameters. */
interface SumScope {
  readonly summand: Summand;
  readonly plan: Plan;
  readonly locals: Locals;
  readonly addresses: readonly number[];
  readonly count: number;
  readonly scalars: number;
}

/** Leaves one value of the sum on the stack, `distance` bytes from the present addresses. */
function valueCode({ summand, plan, locals, addresses, scalars }: SumScope, lane: Lane, distance: number): Code {
  const code: Code[] = [];
  const x: Record<string, number> = {};
  arraysOfSum(summand, plan).forEach((name, i) => {
    x[name] = locals.add(lane.type);
    code.push(localGet(addresses[i] ?? 0), lane.load(distance), localSet(x[name]));
  });
  const k: Record<string, number> = {};
  const { load } = LANES[plan.dtype].scalar;
  const used = summand === "square" ? plan.scalars : [];
  used.forEach((name, i) => {
    if (!SCALARS_OF_SUM.includes(name)) return;
    k[name] = locals.add(lane.type);
    code.push(localGet(scalars), load(i * TABLE.scalarStride), lane.op.splat, localSet(k[name]));
  });
  const computed: Instruction[] = [];
  const op = laneOps(lane, locals, computed, () => {
    throw new Error("A sum has no constants.");
  });
  const value = summandOf(op, summand, plan, x as StepInputs<number>, k as StepScalars<number>); // what the plan lists
  return [code, inOrder(computed), localGet(value)];
}

const SCALARS_OF_SUM: readonly string[] = ["lossScale", "accumulationSteps"];

/** Eight running sums in vectors, then joined into `sum`. */
function sumByEights(scope: SumScope, lane: Lane, sum: number, advance: Code): Code {
  const { dtype } = scope.plan;
  const { add } = LANES[dtype].scalar.op;
  const perVector = lane.byteLength / LANES[dtype].scalar.byteLength;
  const running = Array.from({ length: RUNNING_SUMS / perVector }, () => scope.locals.add(lane.type));
  const each = (code: (local: number, distance: number) => Code): Code =>
    running.map((local, i) => code(local, i * lane.byteLength));
  const first = each((local, distance) => [valueCode(scope, lane, distance), localSet(local)]);
  const next = each((local, distance) => {
    return [localGet(local), valueCode(scope, lane, distance), lane.op.add, localSet(local)];
  });
  const element = (i: number): Code => [
    localGet(running[Math.floor(i / perVector)] ?? 0),
    extractLane(dtype, i % perVector),
  ];
  const addCodes = (left: Code, right: Code): Code => [left, right, add];
  const [a, b, c, d] = [element(0), element(1), element(2), element(3)];
  const joined = joinRunning(addCodes, a, b, c, d, element(4), element(5), element(6), element(7));
  const eightLeft = [wasm.i32(RUNNING_SUMS - 1), localGet(scope.count), wasm.i32LessThan];
  return [first, advance, wasm.whileLoop(eightLeft, [next, advance]), joined, localSet(sum)];
}

/** Two sums of this function itself, split as `leftOf` does. */
function sumOfHalves({ locals, addresses, count, scalars }: SumScope, lane: Lane): Code {
  const left = locals.add(TYPE.i32);
  const skip = [localGet(left), wasm.i32(lane.byteLength), wasm.i32Mul];
  const shifted = addresses.map((address) => [localGet(address), skip, wasm.i32Add]);
  return [
    [localGet(count), wasm.i32(1), wasm.i32ShiftRight, wasm.i32(-RUNNING_SUMS), wasm.i32And, localSet(left)],
    [addresses.map(localGet), localGet(left), localGet(scalars), wasm.call(0)],
    [shifted, localGet(count), localGet(left), wasm.i32Sub, localGet(scalars), wasm.call(0)],
    [lane.op.add, wasm.RETURN],
  ];
}
