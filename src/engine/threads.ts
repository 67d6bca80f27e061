// `setThreads` where there are workers. Where there are none it is no-threads.ts.
import { warnOnce } from "../check/warn.js";
import { defaultEngine } from "./default-engine.js";
import { WasmEngine } from "./wasm/engine.js";
import { Pool } from "./wasm/threads/pool.js";
import { whyFewer } from "./wasm/threads/shortage.js";
import { availableThreads } from "./wasm/threads/spawn.js";
import { checkThreadCount, resizeThreads } from "./wasm/threads/thread-count.js";

let last: Promise<unknown> = Promise.resolve();

/**
 * Shares the steps of the wasm engine among threads: workers in Node and in pages that are cross-origin isolated. The
 * bits are the same for every number of threads. Steps on fewer than 65,536 elements stay on one thread; idle workers
 * sleep and never keep a Node process alive. `setThreads(1)` stops them.
 *
 * @param count an integer >= 1, also more than the machine has; `"auto"` for as many as it has
 * @returns the number of threads that really run. Where the platform gives fewer, 1 for one, a warning says why
 */
export async function setThreads(count: number | "auto"): Promise<number> {
  checkThreadCount(count);
  // One call after the other: each starts from what the one before has left.
  const resized = last.then(async () => {
    const engine = defaultEngine();
    const asked = count === "auto" ? availableThreads() : count;
    await resizeThreads(asked, Pool);
    const { threads, shared } = engine instanceof WasmEngine ? engine : { threads: 1, shared: null };
    if (threads < asked) warnOnce(`setThreads: ${threads} of ${asked} threads run: ${whyFewer(threads, shared)}`);
    return threads;
  });
  last = resized.catch(() => undefined);
  return resized;
}
