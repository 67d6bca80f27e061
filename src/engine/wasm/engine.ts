// engine/wasm/: the engine of WebAssembly: tables of rows, kernels over linear memory, threads.
//
// Memory for variables, and which memory a row is computed in. How rows run is in runner.ts.
import {
  bufferOf,
  floatTypeOf,
  isErrorNamed,
  isFloats,
  isNumberArray,
  lengthOf,
  placeOf,
  reasonOf,
} from "../../check/built-ins.js";
import { sizeOf } from "../../check/lists.js";
import { warnOnce } from "../../check/warn.js";
import { type DType, planOf } from "../../rule/plan.js";
import { arrays } from "../arrays.js";
import type { FloatArray, HostArray, HostEngine, Like, Row, Step } from "../engine.js";
import { createJsEngine } from "../js/engine.js";
import type { WasmKernels } from "./kernels.js";
import { Arena } from "./memory/arena.js";
import { ArenaStorage, placementIn } from "./memory/storage.js";
import { Runner } from "./runner.js";
import { Staging } from "./staging.js";
import { createWorkspace, type Workspace } from "./workspace.js";

/** An engine over a memory of its own. */
export class WasmEngine implements HostEngine {
  readonly free: HostEngine["free"] = arrays.free;
  readonly read: HostEngine["read"] = arrays.read;
  readonly expose: HostEngine["expose"] = arrays.expose;
  readonly write: HostEngine["write"] = arrays.write;
  readonly copy: HostEngine["copy"] = arrays.copy;
  readonly clone: HostEngine["clone"] = arrays.clone;
  readonly #main = createSpace(true);
  /** Where arrays of the user's are computed on: copying into memory that is shared takes half as long again. */
  #staging: Space | null = null;
  readonly #runner = new Runner<HostArray>((row) => this.#spaceOf(row).workspace);
  /** Who computes, over the same memory: the engine of JavaScript where no kernel can be compiled any more. */
  #steps: Pick<HostEngine, "run" | "allFinite"> = this.#runner;

  /** Compiles a kernel. Throws where WebAssembly with SIMD is missing, or a policy refuses it. */
  constructor() {
    this.#main.workspace.kernels.step(SMALLEST);
  }

  get name(): string {
    return this.#steps === this.#runner ? "wasm" : "js";
  }

  /** Threads that share large steps on Variables. */
  get threads(): number {
    return this.#main.workspace.dispatcher.threads;
  }

  /** Whether threads can share its memory. */
  get shared(): boolean {
    return this.#main.arena.shared;
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

  run(step: Step<HostArray>): void {
    this.#main.workspace.dispatcher.check();
    try {
      this.#steps.run(step);
    } catch (error) {
      this.#withoutKernels(error).run(step);
    }
  }

  release(step: Step<HostArray>): void {
    this.#runner.release(step);
  }

  allFinite(step: Step<HostArray>): boolean {
    this.#main.workspace.dispatcher.check();
    try {
      return this.#steps.allFinite(step);
    } catch (error) {
      return this.#withoutKernels(error).allFinite(step);
    }
  }

  /** For platforms such as workerd, which compile kernels while a program starts and refuse later. Nothing has changed then. */
  #withoutKernels(error: unknown): Pick<HostEngine, "run" | "allFinite"> {
    if (!isErrorNamed("CompileError", error)) throw error;
    warnOnce(
      `rmsprop: steps run in JavaScript from here on: WebAssembly is not compiled any more (${reasonOf(error)}).`,
    );
    this.#steps = createJsEngine();
    return this.#steps;
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
    this.#staging ??= this.#main.arena.shared ? createSpace(false) : this.#main;
    return this.#staging;
  }
}

/** An arena and what works on it. */
interface Space {
  readonly arena: Arena;
  readonly workspace: Workspace<HostArray>;
}

function createSpace(shareable: boolean): Space {
  const arena = new Arena(shareable);
  const createStager = (scalars: number, kernels: WasmKernels) => new Staging(arena, scalars, kernels);
  return { arena, workspace: createWorkspace(arena, placementIn(arena), createStager) };
}

/** The plan of the smallest kernel there is. */
const SMALLEST = planOf(
  { slots: [], scalars: [], update: () => ({}) },
  {
    ...{ dtype: "float32", phase: "update", clip: "none", norm: false, unscale: false },
    ...{ accumulate: false, decay: false, average: false, overwrite: false },
  },
);
