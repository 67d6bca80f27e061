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
