// Starting a worker, on Node and in pages. What it does is in worker.js.
import { builtin } from "../../../check/node-builtin.js";
import type { Start } from "./control.js";
import { WORKER_TEXT } from "./worker-text.js";

/** A worker that was started: `ready` settles when it waits for work, `lost` is called if it ends by itself. */
export interface Spawned {
  readonly ready: Promise<boolean>;
  /** Resolves when the worker cannot touch memory any more. */
  terminate(): Promise<void>;
}

/** How long a worker may take to answer, in turns of a timer: while the process is stopped, none of them passes. */
const HANDSHAKE = { turns: 50, turnMs: 100 } as const;

interface NodeWorker {
  postMessage(message: unknown): void;
  on(event: string, listener: () => void): void;
  once(event: string, listener: () => void): void;
  unref(): void;
  terminate(): Promise<number>;
}

/** Of `node:worker_threads`. */
interface NodeThreads {
  readonly Worker: new (
    text: string,
    options: { readonly eval: true; readonly execArgv: readonly string[] },
  ) => NodeWorker;
}

/** Starts a worker; null where there are none, or a policy refuses them. */
export type Spawn = (start: Start, lost: () => void) => Spawned | null;

/**
 * The ways to start a worker here; none where there are no workers. A next one is for where the script of the one before is not
 * found, or not allowed.
 */
export function waysToSpawn(): readonly Spawn[] {
  const threads = builtin<NodeThreads>("node:worker_threads");
  if (threads) return [refusable((start, lost) => spawnOnNode(threads, start, lost))];
  if (typeof Worker === "undefined" || globalThis.navigator?.locks === undefined) return [];
  return [fromFile, fromText].map((create) => refusable((start, lost) => spawnInPage(create, start, lost)));
}

/** A policy refuses workers, or those of another origin. */
const refusable =
  (spawn: Spawn): Spawn =>
  (start, lost) => {
    try {
      return spawn(start, lost);
    } catch {
      return null;
    }
  };

/** How many threads this machine can run at a time. */
export function availableThreads(): number {
  const onNode = builtin<{ availableParallelism(): number }>("node:os")?.availableParallelism();
  return onNode ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

function spawnOnNode({ Worker }: NodeThreads, start: Start, lost: () => void): Spawned {
  // From its text, as a bundle for Node has no file beside it. Flags of the process, such as loaders and --input-type, would
  // slow it down or stop it.
  const worker = new Worker(WORKER_TEXT, { eval: true, execArgv: [] });
  const answered = new Promise<void>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", reject);
  });
  worker.on("error", lost);
  worker.on("exit", lost);
  worker.postMessage(start);
  const ready = inTime(answered).then((answers) => {
    // From now on it must not keep the process alive.
    worker.unref();
    return answers;
  });
  return { ready, terminate: () => worker.terminate().then(() => undefined) };
}

/** As bundlers recognise it: they put the file beside their own, and its new address here. */
const fromFile = (): Worker => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

function fromText(): Worker {
  const url = URL.createObjectURL(new Blob([WORKER_TEXT], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

function spawnInPage(create: () => Worker, start: Start, lost: () => void): Spawned {
  const worker = create();
  const answered = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = () => {
      reject(new Error("the worker could not start"));
      lost();
    };
  });
  // The worker holds this lock as long as it lives: nothing else tells a page that a worker has ended.
  const lock = `rmsprop ${crypto.randomUUID()}`;
  let ended: Promise<void> | null = null;
  const end = (): Promise<void> => {
    ended ??= globalThis.navigator.locks.request(lock, lost).catch(() => undefined);
    return ended;
  };
  worker.postMessage({ ...start, lock });
  const ready = inTime(answered).then((answers) => {
    if (answers) end();
    return answers;
  });
  const terminate = (): Promise<void> => {
    worker.terminate();
    return end();
  };
  return { ready, terminate };
}

/** Whether a promise is kept within the limit. */
function inTime(promise: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    let turns = 0;
    const settle = (answers: boolean): void => {
      clearInterval(timer);
      resolve(answers);
    };
    const timer = setInterval(() => ++turns === HANDSHAKE.turns && settle(false), HANDSHAKE.turnMs);
    promise.then(
      () => settle(true),
      () => settle(false),
    );
  });
}
