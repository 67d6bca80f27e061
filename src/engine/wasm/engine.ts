// engine/wasm/: the engine of WebAssembly: tables of rows, kernels over linear memory, threads.
//
// Memory for variables, and which memory a row is computed in. How rows run is in runner.ts.
import { bufferOf, floatTypeOf, isFloats, isNumberArray, lengthOf, placeOf } from "../../check/built-ins.js";
import { sizeOf } from "../../check/lists.js";
import type { DType } from "../../rule/plan.js";
import { arrays } from "../arrays.js";
import type { Batch, FloatArray, HostArray, HostEngine, Like, Row, ScalarsByType } from "../engine.js";
import { FiniteBatch, GRADIENT_ONLY } from "./finite-batch.js";
import { Arena } from "./memory/arena.js";
import { ArenaStorage, placementIn } from "./memory/storage.js";
import { Runner } from "./runner.js";
import { Staging } from "./staging.js";
import { joinThreads } from "./threads/thread-count.js";
import { createWorkspace, type Workspace } from "./workspace.js";

/** An engine over a memory of its own. Throws where WebAssembly with SIMD is missing or refused. */
export function createWasmEngine(): WasmEngine {
  const engine = new WasmEngine();
  engine.probe();
  return engine;
}

export class WasmEngine implements HostEngine {
  readonly name: string = "wasm";
  readonly free: HostEngine["free"] = arrays.free;
  readonly read: HostEngine["read"] = arrays.read;
  readonly expose: HostEngine["expose"] = arrays.expose;
  readonly write: HostEngine["write"] = arrays.write;
  readonly copy: HostEngine["copy"] = arrays.copy;
  readonly clone: HostEngine["clone"] = arrays.clone;
  readonly #main = new Space(true);
  /** Where arrays of the user's are computed on: copying into memory that is shared takes half as long again. */
  #staging: Space | null = null;
  readonly #runner = new Runner<HostArray>((row) => this.#spaceOf(row).workspace);

  /** By the list of gradients, which an optimizer keeps. */
  readonly #finite = new WeakMap<readonly (HostArray | null)[], FiniteBatch<HostArray>>();

  constructor() {
    joinThreads(this.#main.workspace.dispatcher);
  }

  /** Compiles a kernel, which is what a policy or an old platform refuses. */
  probe(): void {
    this.#main.workspace.kernels.step(GRADIENT_ONLY.float32);
  }

  /** Threads that share large steps on Variables. */
  get threads(): number {
    return this.#main.workspace.dispatcher.threads;
  }

  allocate(dtype: DType, values: ArrayLike<number>): ArenaStorage {
    const lasting = this.#lasting(values);
    const storage = new ArenaStorage(this.#main.arena, dtype, values.length);
    storage.view.set(lasting instanceof ArenaStorage ? lasting.view : lasting);
    return storage;
  }

  zeros({ dtype, shape, array }: Like<HostArray>): ArenaStorage {
    const { arena } = array instanceof ArenaStorage ? array : this.#stagingSpace();
    return new ArenaStorage(arena, dtype, sizeOf(shape));
  }

  pin(view: FloatArray): ArenaStorage | null {
    const arena = this.#arenaOf(view);
    if (arena === null) return null;
    return new ArenaStorage(arena, floatTypeOf(view), lengthOf(view), placeOf(view).start);
  }

  run(batch: Batch<HostArray>, scalars: ScalarsByType): void {
    this.#main.workspace.dispatcher.check();
    this.#runner.run(batch, scalars);
  }

  release(batch: Batch<HostArray>): void {
    this.#runner.release(batch);
  }

  allFinite(gradients: readonly (HostArray | null)[]): boolean {
    this.#main.workspace.dispatcher.check();
    const batch = this.#finite.get(gradients) ?? new FiniteBatch(dtypeOf);
    this.#finite.set(gradients, batch);
    return this.#runner.allFinite(batch.take(gradients));
  }

  /** Where the variable and its slots lie, wherever the gradient lies. */
  #spaceOf({ plan, arrays }: Row<HostArray>): Space {
    const own = arrays[plan.gradientAt === 0 ? 1 : 0];
    return own instanceof ArenaStorage && own.arena === this.#main.arena ? this.#main : this.#stagingSpace();
  }

  /** Numbers that are there after memory has grown, too. */
  #lasting(values: ArrayLike<number>): ArrayLike<number> | ArenaStorage {
    if (!isNumberArray(values) || this.#arenaOf(values) === null) return values;
    return isFloats(values) ? (this.pin(values) ?? values) : Float64Array.from(values);
  }

  #arenaOf(view: ArrayLike<number>): Arena | null {
    const buffer = bufferOf(view);
    return [this.#main, this.#staging].find((space) => space?.arena.owns(buffer))?.arena ?? null;
  }

  #stagingSpace(): Space {
    this.#staging ??= this.#main.arena.shared ? new Space(false) : this.#main;
    return this.#staging;
  }
}

/** An arena and what works on it. */
class Space {
  readonly arena: Arena;
  readonly workspace: Workspace<HostArray>;

  constructor(shareable: boolean) {
    this.arena = new Arena(shareable);
    this.workspace = createWorkspace(
      this.arena,
      placementIn(this.arena),
      (scalars) => new Staging(this.arena, scalars),
    );
  }
}

function dtypeOf(array: HostArray): DType {
  return ArrayBuffer.isView(array) ? floatTypeOf(array) : array.dtype;
}
