// Who runs a table: this thread alone, or together with the workers of pool.ts when there is enough to share.
import type { Arena } from "./arena.js";
import type { Kernel } from "./kernels.js";
import type { Table } from "./table.js";

export class Dispatcher {
  readonly #scalars: number;

  constructor(_arena: Arena, scalars: number) {
    this.#scalars = scalars;
  }

  get threads(): number {
    return 1;
  }

  check(): void {}

  async setThreads(_count: number): Promise<number> {
    return 1;
  }

  run(kernel: Kernel, table: Table): void {
    if (table.rows > 0) kernel.run(table.start, table.end, this.#scalars);
  }
}
