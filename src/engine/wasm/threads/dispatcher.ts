// engine/wasm/threads/: workers that share the rows of a step, and what happens when one is late or lost.
//
// Who runs a table: this thread alone, or together with the workers of pool.ts when there is enough to share.
import type { Kernel } from "../kernels.js";
import type { LinearMemory } from "../memory/linear-memory.js";
import type { Table } from "../table.js";
import type { Pool } from "./pool.js";

/** The workers' side; passed in, so that a program without threads does not carry it. */
export type PoolClass = new (memory: LinearMemory, scalars: number) => Pool;

/** Elements from which on waking the workers pays. */
const WORTH_SHARING = 65_536;

export class Dispatcher {
  readonly #memory: LinearMemory;
  readonly #scalars: number;
  #pool: Pool | null = null;

  /** `scalars` is the address from which kernels read their scalars. */
  constructor(memory: LinearMemory, scalars: number) {
    this.#memory = memory;
    this.#scalars = scalars;
  }

  /** Threads that share large tables, this one included. */
  get threads(): number {
    return 1 + (this.#pool?.size ?? 0);
  }

  /** So many threads, or as many as really start, this one included. The memory is one that they can share. */
  async setThreads(count: number, WorkerPool: PoolClass): Promise<void> {
    if (count > 1) this.#pool ??= new WorkerPool(this.#memory, this.#scalars);
    if (count === 1) await this.#pool?.stop();
    else await this.#pool?.resize(count - 1);
  }

  /** Throws WorkerLostError if a worker was lost since the last step. */
  check(): void {
    this.#pool?.check();
  }

  /** Makes a kernel ready for every thread, so that running it cannot fail. Throws MemoryError. */
  prepare(kernel: Kernel): void {
    this.#pool?.prepare(kernel);
  }

  run(kernel: Kernel, table: Table): void {
    if (table.rows === 0) return;
    if (this.#pool && this.#pool.size > 0 && table.elements >= WORTH_SHARING) this.#pool.run(kernel, table);
    else kernel.run(table.start, table.end, this.#scalars);
  }
}
