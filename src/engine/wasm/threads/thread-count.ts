// How many threads share large steps, in every memory that kernels run over and threads can share.
import type { Dispatcher, PoolClass } from "./dispatcher.js";

const dispatchers = new Set<Dispatcher>();
let wanted = 1;
let WorkerPool: PoolClass | null = null;

/** From now on `resizeThreads` is for this memory, too. What was asked for before is started, and used once it is there. */
export function joinThreads(dispatcher: Dispatcher): void {
  dispatchers.add(dispatcher);
  // Where threads do not start, steps run on one.
  if (wanted > 1 && WorkerPool) dispatcher.setThreads(wanted, WorkerPool).catch(() => undefined);
}

/** So many threads for every memory. */
export async function resizeThreads(count: number, Class: PoolClass): Promise<void> {
  wanted = count;
  WorkerPool = Class;
  await Promise.all([...dispatchers].map((dispatcher) => dispatcher.setThreads(count, Class)));
}

/** Throws unless it is an integer >= 1 or `"auto"`. */
export function checkThreadCount(count: number | "auto"): void {
  if (count === "auto" || (Number.isInteger(count) && count >= 1)) return;
  const received = typeof count === "string" ? JSON.stringify(count) : String(count);
  const text = `setThreads: count must be an integer >= 1 or "auto"; received count=${received}. Pass "auto" for all cores.`;
  throw typeof count === "number" ? new RangeError(text) : new TypeError(text);
}
