// The WebAssembly engine: one table row for each variable, one kernel call for all that share a plan.
// Arrays outside its memory go through staging.ts.
import { arraysOfSum } from "../../codegen/reduce.js";
import type { Summand } from "../../rule/norm.js";
import { type DType, type Plan, planOf } from "../../rule/plan.js";
import { arrays, sizeOf, viewOf } from "../arrays.js";
import type { CoreArray, CoreEngine, FloatArray, Row, ScalarsByType } from "../engine.js";
import { rowScalarsOf } from "../row-scalars.js";
import { Arena } from "./arena.js";
import { Kernels } from "./kernels.js";
import { Staging } from "./staging.js";
import { ArenaStorage } from "./storage.js";
import { addressOf, ScalarBlock, Table } from "./table.js";

/** An engine over a memory of its own. Throws where WebAssembly with SIMD is missing or refused. */
export function createWasmEngine(): CoreEngine {
  const engine = new WasmEngine();
  engine.probe();
  return engine;
}

class WasmEngine implements CoreEngine {
  readonly name = "wasm";
  readonly free = arrays.free;
  readonly read = arrays.read;
  readonly write = arrays.write;
  readonly copy = arrays.copy;
  readonly clone = arrays.clone;
  readonly #arena = new Arena();
  readonly #kernels = new Kernels(this.#arena.memory);
  readonly #scalars = new ScalarBlock(this.#arena);
  readonly #table = new Table(this.#arena);
  readonly #staging = new Staging(this.#arena);
  readonly #rowScalars: number[] = [];

  /** Compiles a kernel, which is what a policy or an old platform refuses. */
  probe(): void {
    this.#kernels.step(GRADIENT_ONLY.float32);
  }

  allocate(dtype: DType, length: number): ArenaStorage {
    return new ArenaStorage(this.#arena, dtype, length);
  }

  zeros(dtype: DType, shape: readonly number[]): ArenaStorage {
    return this.allocate(dtype, sizeOf(shape));
  }

  pin(view: FloatArray): ArenaStorage | null {
    if (view.buffer !== this.#arena.buffer) return null;
    return new ArenaStorage(
      this.#arena,
      view instanceof Float32Array ? "float32" : "float64",
      view.length,
      view.byteOffset,
    );
  }

  run(rows: readonly Row<CoreArray>[], scalars: ScalarsByType): void {
    const needsNorms = this.#prepare(rows);
    if (needsNorms) {
      rowScalarsOf(rows, scalars, (row) => this.#sum("square", row.plan, row.arrays, scalars), this.#rowScalars);
    }
    let start = 0;
    while (start < rows.length) start = this.#runGroup(rows, start, scalars);
  }

  allFinite(gradients: readonly CoreArray[]): boolean {
    return gradients.every((gradient) => {
      const plan = GRADIENT_ONLY[viewOf(gradient) instanceof Float32Array ? "float32" : "float64"];
      this.#staging.reserve(plan);
      return (
        this.#sum(
          "nonFinite",
          plan,
          plan.arrays.map(() => gradient),
          NO_SCALARS,
        ) === 0
      );
    });
  }

  /** Everything that can fail, before anything changes. Says whether a norm is needed. */
  #prepare(rows: readonly Row<CoreArray>[]): boolean {
    let needsNorms = false;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as Row<CoreArray>;
      this.#kernels.step(row.plan);
      this.#table.reserve(rows.length, row.plan);
      if (!this.#isResident(row)) this.#staging.reserve(row.plan);
      if (row.plan.rowScalar === null) continue;
      this.#kernels.sum("square", row.plan);
      needsNorms = true;
    }
    return needsNorms;
  }

  /** Runs the rows from `start` on that share its plan; returns where the next group starts. */
  #runGroup(rows: readonly Row<CoreArray>[], start: number, scalars: ScalarsByType): number {
    const plan = (rows[start] as Row<CoreArray>).plan;
    const kernel = this.#kernels.step(plan);
    this.#scalars.write(plan, scalars[plan.dtype]);
    this.#table.clear();
    let next = start;
    for (; next < rows.length && rows[next]?.plan === plan; next++) {
      const row = rows[next] as Row<CoreArray>;
      const own = this.#rowScalars[next] ?? 0;
      if (this.#isResident(row)) this.#append(row, own);
      else this.#staging.run(row, own, (table, tableEnd) => kernel(table, tableEnd, this.#scalars.start));
    }
    if (this.#table.end > this.#table.start) kernel(this.#table.start, this.#table.end, this.#scalars.start);
    return next;
  }

  #append({ plan, arrays }: Row<CoreArray>, own: number): void {
    this.#table.row(plan, lengthOf(arrays[0]), own);
    for (let i = 0; i < arrays.length; i++) {
      this.#table.address(plan, i, addressOf(this.#arena, arrays[i] as CoreArray));
    }
  }

  #isResident({ arrays }: Row<CoreArray>): boolean {
    for (let i = 0; i < arrays.length; i++) if (addressOf(this.#arena, arrays[i] as CoreArray) < 0) return false;
    return true;
  }

  #sum(summand: Summand, plan: Plan, arrays: readonly CoreArray[], scalars: ScalarsByType): number {
    const kernel = this.#kernels.sum(summand, plan);
    const sources = arraysOfSum(summand, plan).map((name) => arrays[plan.arrays.indexOf(name)] as CoreArray);
    const length = lengthOf(sources[0]);
    if (length === 0) return 0;
    this.#scalars.write(plan, scalars[plan.dtype]);
    const run = (addresses: readonly number[], count: number): number =>
      kernel(...addresses, count, this.#scalars.start);
    const addresses = sources.map((source) => addressOf(this.#arena, source));
    return addresses.includes(-1) ? this.#staging.sum(plan, sources, run) : run(addresses, length);
  }
}

const NO_SCALARS: ScalarsByType = { float32: {}, float64: {} };

/** Plans of a gradient alone: for the finite check, and as the smallest kernel there is. */
const GRADIENT_ONLY: Readonly<Record<DType, Plan>> = {
  float32: gradientOnly("float32"),
  float64: gradientOnly("float64"),
};

function gradientOnly(dtype: DType): Plan {
  const off = {
    unscale: false,
    accumulate: false,
    clip: "none",
    decay: false,
    average: false,
    overwrite: false,
  } as const;
  return planOf({ slots: [], scalars: [], update: () => ({}) }, { dtype, phase: "update", ...off });
}

function lengthOf(array: CoreArray | undefined): number {
  return array?.length ?? 0;
}
