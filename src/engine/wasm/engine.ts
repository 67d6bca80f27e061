// The WebAssembly engine: one table row for each variable, one kernel call for all that share a plan.
// Arrays outside its memory go through staging.ts, sums through sums.ts.
import type { Summand } from "../../rule/norm.js";
import { type DType, type Plan, planOf } from "../../rule/plan.js";
import { arrays, sizeOf } from "../arrays.js";
import type { CoreArray, CoreEngine, FloatArray, Row, ScalarsByType } from "../engine.js";
import { rowScalarsOf } from "../row-scalars.js";
import { Arena } from "./arena.js";
import { Dispatcher } from "./dispatch.js";
import { Kernels } from "./kernels.js";
import { Staging } from "./staging.js";
import { ArenaStorage } from "./storage.js";
import { Sums } from "./sums.js";
import { addressOf, BYTES, ScalarBlock, Table } from "./table.js";

/** An engine over a memory of its own. Throws where WebAssembly with SIMD is missing or refused. */
export function createWasmEngine(): WasmEngine {
  const engine = new WasmEngine();
  engine.probe();
  return engine;
}

/** Elements of one row when threads share a table: a few cache lines would do, but each row has to be fetched. */
const CHUNK = 16_384;

type CoreRow = Row<CoreArray>;

export class WasmEngine implements CoreEngine {
  readonly name: string = "wasm";
  readonly free: CoreEngine["free"] = arrays.free;
  readonly read: CoreEngine["read"] = arrays.read;
  readonly write: CoreEngine["write"] = arrays.write;
  readonly copy: CoreEngine["copy"] = arrays.copy;
  readonly clone: CoreEngine["clone"] = arrays.clone;
  readonly #arena = new Arena();
  readonly #kernels = new Kernels(this.#arena);
  readonly #scalars = new ScalarBlock(this.#arena);
  readonly #table = new Table(this.#arena);
  readonly #sums = new Sums(this.#arena);
  readonly #staging = new Staging(this.#arena, this.#scalars.start);
  readonly #dispatcher = new Dispatcher(this.#arena, this.#scalars.start);
  readonly #own: number[] = [];

  /** Compiles a kernel, which is what a policy or an old platform refuses. */
  probe(): void {
    this.#kernels.step(GRADIENT_ONLY.float32);
  }

  /** See `setThreads` of threads.ts. */
  setThreads(count: number): Promise<number> {
    return this.#dispatcher.setThreads(count);
  }

  allocate(dtype: DType, length: number): ArenaStorage {
    return new ArenaStorage(this.#arena, dtype, length);
  }

  zeros(dtype: DType, shape: readonly number[]): ArenaStorage {
    return this.allocate(dtype, sizeOf(shape));
  }

  pin(view: FloatArray): ArenaStorage | null {
    if (!this.#arena.owns(view.buffer)) return null;
    const dtype = view instanceof Float32Array ? "float32" : "float64";
    return new ArenaStorage(this.#arena, dtype, view.length, view.byteOffset);
  }

  run(rows: readonly CoreRow[], scalars: ScalarsByType): void {
    this.#dispatcher.check();
    if (this.#prepare(rows)) this.#sumNorms(rows, scalars);
    for (let start = 0; start < rows.length; ) start = this.#stepGroup(rows, start, scalars);
  }

  allFinite(gradients: readonly CoreArray[]): boolean {
    this.#dispatcher.check();
    const rows = gradients.map((gradient) => {
      const plan = GRADIENT_ONLY[dtypeOf(gradient)];
      return { plan, arrays: plan.arrays.map(() => gradient) };
    });
    for (const row of rows) if (!this.#isResident(row)) this.#staging.reserve(row.plan);
    this.#sums.reserve(rows);
    const sums: number[] = [];
    for (let start = 0; start < rows.length; ) start = this.#sumGroup("nonFinite", rows, start, NO_SCALARS, sums);
    return sums.every((sum) => sum === 0);
  }

  /** Everything that can fail, before anything changes. Says whether a norm is needed. */
  #prepare(rows: readonly CoreRow[]): boolean {
    let needsNorms = false;
    let tableRows = 0;
    let width = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as CoreRow;
      this.#kernels.step(row.plan);
      tableRows += 1 + Math.ceil(lengthOf(row) / CHUNK);
      width = Math.max(width, row.arrays.length);
      if (!this.#isResident(row)) this.#staging.reserve(row.plan);
      if (row.plan.rowScalar === null) continue;
      this.#kernels.sum("square", row.plan);
      needsNorms = true;
    }
    this.#table.reserve(tableRows, width);
    if (needsNorms) this.#sums.reserve(rows);
    return needsNorms;
  }

  #sumNorms(rows: readonly CoreRow[], scalars: ScalarsByType): void {
    const sums: number[] = [];
    for (let start = 0; start < rows.length; ) start = this.#sumGroup("square", rows, start, scalars, sums);
    rowScalarsOf(rows, scalars, (row) => sums[rows.indexOf(row)] ?? 0, this.#own);
  }

  /** Runs the steps from `start` on that share a plan; returns where the next group starts. */
  #stepGroup(rows: readonly CoreRow[], start: number, scalars: ScalarsByType): number {
    const { plan } = rows[start] as CoreRow;
    const kernel = this.#kernels.step(plan);
    const chunk = this.#dispatcher.threads > 1 ? CHUNK : Number.POSITIVE_INFINITY;
    this.#scalars.write(plan, scalars[plan.dtype]);
    this.#table.begin(plan.dtype, plan.arrays.length);
    let next = start;
    for (; next < rows.length && rows[next]?.plan === plan; next++) {
      const row = rows[next] as CoreRow;
      const own = this.#own[next] ?? 0;
      if (this.#isResident(row)) this.#append(row, own, chunk);
      else this.#staging.step(row, own, kernel);
    }
    this.#dispatcher.run(kernel, this.#table);
    return next;
  }

  #append({ plan, arrays }: CoreRow, own: number, chunk: number): void {
    const length = arrays[0]?.length ?? 0;
    for (let start = 0; start < length; start += chunk) {
      this.#table.row(Math.min(chunk, length - start), own);
      for (let i = 0; i < arrays.length; i++) {
        this.#table.address(i, addressOf(this.#arena, arrays[i] as CoreArray) + start * BYTES[plan.dtype]);
      }
    }
  }

  /** Appends to `sums` those of the rows from `start` on that share a plan; returns where the next group starts. */
  #sumGroup(summand: Summand, rows: readonly CoreRow[], start: number, scalars: ScalarsByType, sums: number[]): number {
    const { plan } = rows[start] as CoreRow;
    let next = start;
    while (next < rows.length && rows[next]?.plan === plan) next++;
    if (summand === "square" && plan.rowScalar === null) {
      for (let i = start; i < next; i++) sums.push(0);
      return next;
    }
    const kernel = this.#kernels.sum(summand, plan);
    this.#scalars.write(plan, scalars[plan.dtype]);
    this.#sums.begin(summand, plan);
    for (let i = start; i < next; i++) {
      if (this.#isResident(rows[i] as CoreRow)) this.#sums.add(summand, rows[i] as CoreRow);
    }
    this.#dispatcher.run(kernel, this.#sums.table);
    for (let i = start; i < next; i++) {
      const row = rows[i] as CoreRow;
      sums.push(this.#isResident(row) ? this.#sums.next(row) : this.#staging.sum(summand, row, kernel));
    }
    return next;
  }

  #isResident({ arrays }: CoreRow): boolean {
    for (let i = 0; i < arrays.length; i++) if (addressOf(this.#arena, arrays[i] as CoreArray) < 0) return false;
    return true;
  }
}

const NO_SCALARS: ScalarsByType = { float32: {}, float64: {} };

/** Plans of a gradient alone: for the finite check, and as the smallest kernel there is. */
const GRADIENT_ONLY: Readonly<Record<DType, Plan>> = {
  float32: gradientOnly("float32"),
  float64: gradientOnly("float64"),
};

function gradientOnly(dtype: DType): Plan {
  const off = { unscale: false, accumulate: false, decay: false, average: false, overwrite: false };
  const rule = { slots: [], scalars: [], update: () => ({}) };
  return planOf(rule, { dtype, phase: "update", clip: "none", ...off });
}

function dtypeOf(array: CoreArray): DType {
  if (!ArrayBuffer.isView(array)) return array.dtype;
  return array instanceof Float32Array ? "float32" : "float64";
}

function lengthOf({ arrays }: CoreRow): number {
  return arrays[0]?.length ?? 0;
}
