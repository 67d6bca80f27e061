// The workers that the package starts on Node: caught as they start, or others in their place.
import { Worker, type WorkerOptions } from "node:worker_threads";

export interface NodeWorker {
  terminate(): Promise<number>;
}

type WorkerClass = new (url: URL, options: WorkerOptions) => NodeWorker;

/** The part of `node:worker_threads` that the package uses. */
export interface Threads {
  Worker: WorkerClass;
}

/** Runs `fn` with the list of workers started in it. */
export async function withWorkersSeen(
  threads: Threads,
  fn: (workers: readonly NodeWorker[]) => Promise<void>,
): Promise<void> {
  const { Worker } = threads;
  const workers: NodeWorker[] = [];
  const seen = class extends Worker {
    constructor(url: URL, options: WorkerOptions) {
      super(url, options);
      workers.push(this);
    }
  };
  await withClass(threads, seen, () => fn(workers));
}

/** Runs `fn` with `create` in the place of `new Worker`. */
export function withWorkersFrom<T>(threads: Threads, create: () => NodeWorker, fn: () => Promise<T>): Promise<T> {
  return withClass(threads, new Proxy(threads.Worker, { construct: create }), fn);
}

/** A worker of a script's text or address. */
export function workerOf(script: string | URL): NodeWorker {
  return typeof script === "string" ? new Worker(script, { eval: true }) : new Worker(script);
}

async function withClass<T>(threads: Threads, Class: WorkerClass, fn: () => Promise<T>): Promise<T> {
  const { Worker } = threads;
  threads.Worker = Class;
  try {
    return await fn();
  } finally {
    threads.Worker = Worker;
  }
}
