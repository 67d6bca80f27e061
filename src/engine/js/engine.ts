// engine/js/: the engine of plain JavaScript.
//
// The reference engine: the rule run on blocks of plain numbers. Always there; it judges the others.
import { lengthOf, ownPart } from "../../check/built-ins.js";
import { sizeOf } from "../../check/lists.js";
import { summandOf } from "../../rule/norm.js";
import { pairwiseOfBlocks, pairwiseSum } from "../../rule/pairwise.js";
import type { DType, Plan } from "../../rule/plan.js";
import { ROUND } from "../../rule/scalars.js";
import { type StepInputs, type StepScalars, step } from "../../rule/step.js";
import { arrays, FLOAT_ARRAYS, viewOf } from "../arrays.js";
import type { FloatArray, HostArray, HostEngine, Row, ScalarsByType, Storage } from "../engine.js";
import { replaceSums, squareCount } from "../row-scalars.js";
import { BLOCK, type BlockOps, blockOps, filled } from "./blocks.js";

/** An engine of plain JavaScript: no WebAssembly, no generated code. */
export function createJsEngine(): HostEngine {
  const ops = { float32: blockOps("float32"), float64: blockOps("float64") };
  return {
    ...arrays,
    name: "js",
    allocate: (dtype, values) => {
      const storage = zeros(dtype, values.length);
      storage.view.set(values);
      return storage;
    },
    pin: () => null,
    zeros: ({ dtype, shape }) => zeros(dtype, sizeOf(shape)),
    run({ rows, scalars, squares }) {
      const own = rows.map((row) => (row.plan.sumsSquares ? sumOfSquares(ops[row.plan.dtype], row, scalars) : 0));
      const count = squareCount(rows);
      if (count > 0) squares?.take(Float64Array.from(own), count);
      replaceSums(rows, scalars, own);
      rows.forEach((row, i) => {
        runRow(ops[row.plan.dtype], row, scalarBlocks(row, scalars, own[i] ?? 0));
      });
    },
    allFinite: ({ rows }) => rows.every(({ plan, arrays }) => areFinite(arrays[plan.gradientAt])),
  };
}

function zeros(dtype: DType, length: number): Storage {
  const view = new FLOAT_ARRAYS[dtype](length);
  const { buffer: memory } = view;
  const place = { memory, address: 0, owns: (buffer: ArrayBufferLike) => buffer === memory };
  return { dtype, length, borrowed: false, ...place, view, expose: () => view, free: () => undefined };
}

function runRow(op: BlockOps, row: Row<HostArray>, k: StepScalars<FloatArray>): void {
  const views = row.arrays.map(viewOf);
  const length = lengthOf(views[0] as FloatArray); // a row has an array at least
  for (let start = 0; start < length; start += BLOCK) {
    const count = Math.min(BLOCK, length - start);
    op.begin(count);
    const inputs = inputsAt(row.plan, views, start, count);
    const outputs = Object.entries(step(op, row.plan, inputs, k));
    // An output may be an input as it was, such as the last gradient, and lie where another output is written.
    const own = new Set<FloatArray | undefined>(Object.values(inputs));
    const steady = outputs.map(([name, block]) => [name, own.has(block) ? block.slice() : block] as const);
    for (const [name, block] of steady) views[row.plan.arrays.indexOf(name)]?.set(block.subarray(0, count), start);
  }
}

function sumOfSquares(op: BlockOps, row: Row<HostArray>, scalars: ScalarsByType): number {
  const { plan } = row;
  const views = row.arrays.map(viewOf);
  const k = scalarBlocks(row, scalars, 0);
  const round = ROUND[plan.dtype];
  const sumOfBlock = (start: number, count: number): number => {
    op.begin(count);
    const squares = summandOf(op, "square", plan, inputsAt(plan, views, start, count), k);
    return pairwiseSum(round, (i) => squares[i] ?? 0, count);
  };
  return pairwiseOfBlocks(round, sumOfBlock, lengthOf(views[0] as FloatArray), BLOCK); // a row has an array at least
}

function areFinite(gradient: HostArray | undefined): boolean {
  if (gradient === undefined) return true; // a row may have none
  const values = viewOf(gradient);
  for (let i = 0; i < lengthOf(values); i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function inputsAt(plan: Plan, views: readonly FloatArray[], start: number, count: number): StepInputs<FloatArray> {
  const entries = plan.arrays.map((name, i) => [name, views[i] && ownPart(views[i], start, count)]);
  return Object.fromEntries(entries) as StepInputs<FloatArray>; // what the plan lists
}

/** `own` is the row's own scalar, where its plan has one. */
function scalarBlocks(row: Row<HostArray>, scalars: ScalarsByType, own: number): StepScalars<FloatArray> {
  const { plan, arrays } = row;
  const values = (row.scalars ?? scalars)[plan.dtype];
  const length = arrays[0] ? lengthOf(viewOf(arrays[0])) : 0;
  const blockOf = (value: number): FloatArray => filled(plan.dtype, value, length);
  const entries = plan.scalars.map((name) => [name, blockOf(values.get(name))]);
  const rowScalar = plan.rowScalar === null ? [] : [[plan.rowScalar, blockOf(own)]];
  return Object.fromEntries([...entries, ...rowScalar]) as StepScalars<FloatArray>; // what the plan lists
}
