// How many threads share large steps, in every memory that kernels run over.
import type { CreatePool, Dispatcher } from "./dispatcher.js";

const dispatchers = new Set<Dispatcher>();
let wanted = 1;
let createPool: CreatePool | null = null;

/** From now on `resizeThreads` is for this memory, too. What was asked for before is started, and used once it is there. */
export function joinThreads(dispatcher: Dispatcher): void {
  if (!dispatcher.isShareable) return;
  dispatchers.add(dispatcher);
  // Where threads do not start, steps run on one.
  if (wanted > 1 && createPool) dispatcher.setThreads(wanted, createPool).catch(() => undefined);
}

/** So many threads for every memory. */
export async function resizeThreads(count: number, create: CreatePool): Promise<void> {
  wanted = count;
  createPool = create;
  await Promise.all([...dispatchers].map((dispatcher) => dispatcher.setThreads(count, create)));
}
