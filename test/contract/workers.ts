// The workers that the package starts on Node, caught as they start.

export interface NodeWorker {
  terminate(): Promise<number>;
}

type WorkerClass = new (url: URL) => NodeWorker;

/** Runs `fn` with the list of workers started in it. */
export async function withWorkersSeen(
  threads: { Worker: WorkerClass },
  fn: (workers: readonly NodeWorker[]) => Promise<void>,
): Promise<void> {
  const { Worker } = threads;
  const workers: NodeWorker[] = [];
  threads.Worker = class extends Worker {
    constructor(url: URL) {
      super(url);
      workers.push(this);
    }
  };
  try {
    await fn(workers);
  } finally {
    threads.Worker = Worker;
  }
}
