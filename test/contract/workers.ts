// The workers that the package starts on Node: caught as they start, or others in their place.
import { Worker, type WorkerOptions } from "node:worker_threads";

export interface NodeWorker {
  postMessage(message: unknown): void;
  once(event: string, listener: () => void): unknown;
  terminate(): Promise<number>;
}

const folder = process.env.RMSPROP_DIST === "1" ? "dist" : "src";

/** The package's own worker. */
export const SCRIPT: URL = new URL(`../../${folder}/engine/wasm/threads/worker.js`, import.meta.url);

type WorkerClass = new (text: string, options: WorkerOptions) => NodeWorker;

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
    constructor(text: string, options: WorkerOptions) {
      super(text, options);
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
export function workerOf(script: string | URL, workerData?: unknown): NodeWorker {
  return typeof script === "string" ? new Worker(script, { eval: true, workerData }) : new Worker(script);
}

// A test may have put something else in its place.
const { notify } = Atomics;

/** Where a worker waits before it computes the rows that it has taken. */
export class Gate {
  readonly words: Int32Array = new Int32Array(new SharedArrayBuffer(12));

  /** How often it has come to the gate. */
  get arrivals(): number {
    return Atomics.load(this.words, 0);
  }

  /** How often it has computed rows behind it. */
  get departures(): number {
    return Atomics.load(this.words, 2);
  }

  open(): void {
    Atomics.store(this.words, 1, 1);
    notify(this.words, 1);
  }

  close(): void {
    Atomics.store(this.words, 1, 0);
  }
}

/** The package's own worker, but for a gate. */
export function workerWithGate(gate: Gate): NodeWorker {
  return workerOf(WITH_GATE, { words: gate.words, script: SCRIPT.href });
}

const WITH_GATE = `
  const { words, script } = require("node:worker_threads").workerData;
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...parameters) {
    const { run } = new Instance(...parameters).exports;
    const held = (...rows) => {
      Atomics.add(words, 0, 1);
      Atomics.wait(words, 1, 0);
      run(...rows);
      Atomics.add(words, 2, 1);
    };
    return { exports: { run: held } };
  };
  import(script);`;

async function withClass<T>(threads: Threads, Class: WorkerClass, fn: () => Promise<T>): Promise<T> {
  const { Worker } = threads;
  threads.Worker = Class;
  try {
    return await fn();
  } finally {
    threads.Worker = Worker;
  }
}
