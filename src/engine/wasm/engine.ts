// The WebAssembly engine: prepares batches as tables of rows, group.ts, and runs one kernel over each.
import { type DType, type Plan, planOf } from "../../rule/plan.js";
import { ScalarValues } from "../../rule/scalars.js";
import { arrays, sizeOf } from "../arrays.js";
import type { Batch, CoreArray, CoreEngine, FloatArray, Row, ScalarsByType } from "../engine.js";
import { RowScalars } from "../row-scalars.js";
import { Arena } from "./arena.js";
import { type CreatePool, Dispatcher } from "./dispatch.js";
import { Group, type Parts } from "./group.js";
import { Kernels } from "./kernels.js";
import { Staging } from "./staging.js";
import { ArenaStorage } from "./storage.js";
import { ScalarBlock } from "./table.js";

/** An engine over a memory of its own. Throws where WebAssembly with SIMD is missing or refused. */
export function createWasmEngine(): WasmEngine {
  const engine = new WasmEngine();
  engine.probe();
  return engine;
}

type CoreRow = Row<CoreArray>;

/** A batch as groups of rows, for one version of it and one number of threads. */
interface Prepared {
  version: number;
  threads: number;
  needsNorms: boolean;
  groups: Group[];
}

export class WasmEngine implements CoreEngine {
  readonly name: string = "wasm";
  readonly free: CoreEngine["free"] = arrays.free;
  readonly read: CoreEngine["read"] = arrays.read;
  readonly expose: CoreEngine["expose"] = arrays.expose;
  readonly write: CoreEngine["write"] = arrays.write;
  readonly copy: CoreEngine["copy"] = arrays.copy;
  readonly clone: CoreEngine["clone"] = arrays.clone;
  readonly #parts: Parts = createParts();
  readonly #prepared = new WeakMap<Batch<CoreArray>, Prepared>();
  #finiteCheck: Group[] = [];
  readonly #rowScalars = new RowScalars();
  /** The rows' own scalars, and the sums that they are made of. */
  #own: Float64Array = new Float64Array();

  /** Compiles a kernel, which is what a policy or an old platform refuses. */
  probe(): void {
    this.#parts.kernels.step(GRADIENT_ONLY.float32);
  }

  /** See `setThreads` of default.ts. */
  setThreads(count: number, createPool: CreatePool): Promise<number> {
    return this.#parts.dispatcher.setThreads(count, createPool);
  }

  allocate(dtype: DType, length: number): ArenaStorage {
    return new ArenaStorage(this.#parts.arena, dtype, length);
  }

  zeros(dtype: DType, shape: readonly number[]): ArenaStorage {
    return this.allocate(dtype, sizeOf(shape));
  }

  pin(view: FloatArray): ArenaStorage | null {
    const { arena } = this.#parts;
    if (!arena.owns(view.buffer)) return null;
    return new ArenaStorage(arena, view instanceof Float32Array ? "float32" : "float64", view.length, view.byteOffset);
  }

  run(batch: Batch<CoreArray>, scalars: ScalarsByType): void {
    this.#parts.dispatcher.check();
    const prepared = this.#prepare(batch);
    if (prepared.needsNorms) this.#sumNorms(batch, prepared, scalars);
    let from = 0;
    for (const group of prepared.groups) {
      group.step(scalars, this.#own, from);
      from += group.rows.length;
    }
  }

  release(batch: Batch<CoreArray>): void {
    for (const group of this.#prepared.get(batch)?.groups ?? []) group.free();
    this.#prepared.delete(batch);
  }

  allFinite(gradients: readonly CoreArray[]): boolean {
    this.#parts.dispatcher.check();
    const rows = gradients.map((gradient) => {
      const plan = GRADIENT_ONLY[dtypeOf(gradient)];
      return { plan, arrays: plan.arrays.map(() => gradient) };
    });
    this.#finiteCheck = this.#groupsOf(rows, this.#finiteCheck);
    return this.#finiteCheck.every((group) => {
      const sums = this.#numbersFor(group.rows.length);
      group.prepareSums("nonFinite");
      group.sum("nonFinite", NO_SCALARS, sums, 0);
      for (let i = 0; i < group.rows.length; i++) if (sums[i] !== 0) return false;
      return true;
    });
  }

  /** Everything that can fail, before anything changes; nothing when the batch is the one of before. */
  #prepare(batch: Batch<CoreArray>): Prepared {
    const { threads } = this.#parts.dispatcher;
    const known = this.#prepared.get(batch) ?? { version: -1, threads, needsNorms: false, groups: [] };
    if (known.version === batch.version && known.threads === threads) return known;
    known.version = -1; // in case that what follows fails
    this.#prepared.set(batch, known);
    known.groups = this.#groupsOf(batch.rows, known.groups);
    known.needsNorms = batch.rows.some(({ plan }) => plan.rowScalar !== null);
    known.threads = threads;
    known.version = batch.version;
    return known;
  }

  /** Neighbouring rows of one plan become a group; groups of before are filled again. */
  #groupsOf(rows: readonly CoreRow[], reusable: readonly Group[]): Group[] {
    const { threads } = this.#parts.dispatcher;
    const groups: Group[] = [];
    for (let start = 0; start < rows.length; ) {
      let next = start + 1;
      while (next < rows.length && rows[next]?.plan === rows[start]?.plan) next++;
      const group = reusable[groups.length] ?? new Group(this.#parts);
      group.fill(start === 0 && next === rows.length ? rows : rows.slice(start, next), threads);
      groups.push(group);
      start = next;
    }
    for (const group of reusable.slice(groups.length)) group.free();
    return groups;
  }

  #sumNorms(batch: Batch<CoreArray>, { groups }: Prepared, scalars: ScalarsByType): void {
    const own = this.#numbersFor(batch.rows.length);
    let from = 0;
    for (const group of groups) {
      if (group.rows[0]?.plan.rowScalar !== null) group.sum("square", scalars, own, from);
      from += group.rows.length;
    }
    this.#rowScalars.replaceSums(batch.rows, scalars, own);
  }

  #numbersFor(rows: number): Float64Array {
    if (this.#own.length < rows) this.#own = new Float64Array(2 * rows);
    return this.#own;
  }
}

function createParts(): Parts {
  const arena = new Arena();
  const scalars = new ScalarBlock(arena);
  const staging = new Staging(arena, scalars.start);
  return { arena, scalars, staging, kernels: new Kernels(arena), dispatcher: new Dispatcher(arena, scalars.start) };
}

const NO_SCALARS: ScalarsByType = {
  float32: new ScalarValues("float32", {}),
  float64: new ScalarValues("float64", {}),
};

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
