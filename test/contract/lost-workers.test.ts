// Workers that end, that stand still, and that only seem to. What a WorkerLostError says is true: a step that is done is
// done, one that has changed nothing can be called again, and everything else is in doubt.
import { createRequire } from "node:module";
import { RMSprop, type RMSpropOptions, setEngine, setThreads, Variable, WorkerLostError } from "rmsprop";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errorOf } from "./support.js";
import {
  Gate,
  type NodeWorker,
  SCRIPT,
  type Threads,
  withWorkersFrom,
  withWorkersSeen,
  workerOf,
  workerWithGate,
} from "./workers.js";

// The module object that the package asks for its workers; an import would be a copy of it.
const threads = createRequire(import.meta.url)("node:worker_threads") as Threads;

beforeEach(() => {
  setEngine("wasm");
});

afterEach(async () => {
  vi.restoreAllMocks();
  await setThreads(1);
  setEngine("auto");
});

const LENGTH = 200_003;

const VALUES = new Float32Array(LENGTH).map((_, i) => Math.sin(i));
const GRADIENT = new Float32Array(LENGTH).map((_, i) => Math.cos(i));

class Run {
  readonly variable = new Variable(VALUES);
  readonly gradient = new Variable(GRADIENT);
  readonly optimizer: RMSprop;

  constructor(options: RMSpropOptions = {}) {
    this.optimizer = new RMSprop(options);
    this.optimizer.build([this.variable]);
  }

  readonly step = (): void => this.optimizer.apply([this.gradient]);

  get bits(): Uint8Array {
    const values = [this.variable, ...this.optimizer.variables].map(({ value }) => value);
    return Buffer.concat(values.map((value) => new Uint8Array(value.slice().buffer)));
  }
}

/** The bits after so many steps on one thread. */
async function bitsAlone(steps: number, options: RMSpropOptions = {}): Promise<Uint8Array> {
  const count = await setThreads(1);
  const run = new Run(options);
  for (let i = 0; i < steps; i++) run.step();
  expect(count).toBe(1);
  return run.bits;
}

/** Workers of one kind for each of `creators`. */
async function startWorkers(...creators: readonly (() => NodeWorker)[]): Promise<void> {
  const left = [...creators];
  const create = (): NodeWorker => left.shift()?.() ?? workerOf("");
  expect(await withWorkersFrom(threads, create, () => setThreads(1 + creators.length))).toBe(1 + creators.length);
}

const { notify } = Atomics;
const { now } = performance;

/** When a step wakes the workers, it goes on once `isSo`. */
function afterWaking(isSo: () => boolean): void {
  vi.spyOn(Atomics, "notify").mockImplementation((...parameters) => {
    const woken = notify(...parameters);
    const until = Date.now() + 30_000;
    while (!isSo()) if (Date.now() > until) throw new Error("the worker has taken nothing");
    return woken;
  });
}

/** Lets so many milliseconds pass before each look at the clock. */
function withClock(before: (look: number) => number): void {
  let [look, passed] = [0, 0];
  vi.spyOn(performance, "now").mockImplementation(() => {
    passed += before(look++);
    return now.call(performance) + passed;
  });
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Two seconds of waiting are soon over. This thread sleeps meanwhile, so that others can do what they have to. */
function quickly(): number {
  Atomics.wait(sleeper, 0, 0, 1);
  return 20;
}

/** Workers that seem to be at work when a step has woken them, though they have taken no rows of it. */
const WITHOUT_ROWS: readonly (readonly [string, (gate: Gate) => NodeWorker])[] = [
  ["stands still", (gate) => workerOf(STANDING, gate.words)],
  ["cannot compile", (gate) => workerOf(NOT_COMPILING, { words: gate.words, script: SCRIPT.href })],
];

const STANDING = `
  const { parentPort, workerData: words } = require("node:worker_threads");
  parentPort.once("message", ({ memory, control, index, at }) => {
    const signals = new Int32Array(memory.buffer, control, at.LENGTH);
    const epoch = Atomics.load(signals, at.EPOCH);
    parentPort.postMessage("ready");
    Atomics.wait(signals, at.EPOCH, epoch);
    Atomics.store(signals, at.ACTIVE + index * at.ACTIVE_STRIDE, 1);
    Atomics.add(words, 0, 1);
    Atomics.wait(words, 1, 0);
  });`;

/** It never wakes up, which does no harm. */
const SLEEPING = `
  const { parentPort } = require("node:worker_threads");
  parentPort.once("message", () => {
    parentPort.postMessage("ready");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** Refused from the second module on: the first one is that with which a worker tries whether it may. */
const NOT_COMPILING = `
  const { words, script } = require("node:worker_threads").workerData;
  const { Module } = WebAssembly;
  WebAssembly.Module = function (bytes) {
    if (bytes.length < 9) return new Module(bytes);
    Atomics.add(words, 0, 1);
    throw new WebAssembly.CompileError("refused");
  };
  import(script);`;

test("a worker that ends while others still start is not counted", async () => {
  const short = workerOf(`
    const { parentPort } = require("node:worker_threads");
    parentPort.once("message", () => {
      parentPort.postMessage("ready");
      parentPort.close();
    });`);
  const late = workerOf(SCRIPT);
  const { postMessage } = late;
  late.postMessage = (start) => void short.once("exit", () => setImmediate(() => postMessage.call(late, start)));
  const workers = [short, late];
  expect(
    await withWorkersFrom(
      threads,
      () => workers.shift() ?? workerOf(""),
      () => setThreads(3),
    ),
  ).toBe(2);
  const run = new Run();
  run.step();
  expect(Buffer.compare(run.bits, await bitsAlone(1))).toBe(0);
});

describe("a worker that ends between two steps", () => {
  test("makes the next apply throw once, before anything has changed; later ones go on", async () => {
    await withWorkersSeen(threads, async (workers) => {
      expect(await setThreads(3)).toBe(3);
      const run = new Run();
      run.step();
      const { bits } = run;
      await workers[0]?.terminate();
      expect(errorOf(run.step)).toMatchObject({ name: "WorkerLostError", threadsLeft: 2, inDoubt: false });
      expect([run.optimizer.iterations, Buffer.compare(run.bits, bits)]).toEqual([1, 0]);
      run.step();
      expect(Buffer.compare(run.bits, await bitsAlone(2))).toBe(0);
    });
  });

  test("makes a small step throw, too, and says that it can be called again", async () => {
    await withWorkersSeen(threads, async (workers) => {
      await setThreads(2);
      const [optimizer, variable] = [new RMSprop(), new Variable(new Float32Array(10))];
      const step = (): void => optimizer.apply([new Float32Array(10).fill(1)], [variable]);
      await workers[0]?.terminate();
      const error = errorOf(step);
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ threadsLeft: 1, inDoubt: false });
      expect(error.message).toBe(
        "rmsprop: a worker thread was lost. No state is in doubt: this step has changed nothing. Call it again. " +
          "Later steps run on 1 thread.",
      );
      step();
      expect(optimizer.iterations).toBe(1);
    });
  });
});

describe.each(WITHOUT_ROWS)("a worker that %s before it has taken rows", (_, create) => {
  test("leaves a step that is done; the next apply throws before anything has changed, later ones go on", async () => {
    const gate = new Gate();
    const [once, twice] = [await bitsAlone(1), await bitsAlone(2)];
    await startWorkers(() => create(gate));
    const run = new Run();
    afterWaking(() => gate.arrivals > 0);
    withClock(quickly);
    run.step();
    expect([run.optimizer.iterations, Buffer.compare(run.bits, once)]).toEqual([1, 0]);
    expect(errorOf(run.step)).toMatchObject({ name: "WorkerLostError", threadsLeft: 1, inDoubt: false });
    expect([run.optimizer.iterations, Buffer.compare(run.bits, once)]).toEqual([1, 0]);
    run.step();
    expect([run.optimizer.iterations, Buffer.compare(run.bits, twice)]).toEqual([2, 0]);
  });

  test("is the only one that is given up", async () => {
    const gate = new Gate();
    const twice = await bitsAlone(2);
    await startWorkers(
      () => create(gate),
      () => workerOf(SLEEPING),
    );
    const run = new Run();
    afterWaking(() => gate.arrivals > 0);
    withClock(quickly);
    run.step();
    vi.restoreAllMocks();
    expect(errorOf(run.step)).toMatchObject({ threadsLeft: 2, inDoubt: false });
    run.step();
    expect(Buffer.compare(run.bits, twice)).toBe(0);
  });
});

describe("a worker that stands still with rows that it has taken", () => {
  test("makes that apply throw and say that its state is in doubt; later ones go on", async () => {
    const gate = new Gate();
    await startWorkers(() => workerWithGate(gate));
    const run = new Run();
    afterWaking(() => gate.arrivals > 0);
    withClock(quickly);
    const error = errorOf(run.step);
    expect(error).toMatchObject({ name: "WorkerLostError", threadsLeft: 1, inDoubt: true });
    expect(error.message).toContain(
      "The variables and slots of this step are in doubt: go back to the last saved state.",
    );
    expect(run.optimizer.iterations).toBe(0);
    run.step();
    expect(run.optimizer.iterations).toBe(1);
  });

  test.each<RMSpropOptions>([{ clipnorm: 0.5 }, { globalClipnorm: 0.5 }])(
    "has changed nothing while norms are summed: that apply can be called again with %j",
    async (options) => {
      const gate = new Gate();
      const once = await bitsAlone(1, options);
      await startWorkers(() => workerWithGate(gate));
      const run = new Run(options);
      const { bits } = run;
      afterWaking(() => gate.arrivals > 0);
      withClock(quickly);
      expect(errorOf(run.step)).toMatchObject({ threadsLeft: 1, inDoubt: false });
      expect([run.optimizer.iterations, Buffer.compare(run.bits, bits)]).toEqual([0, 0]);
      run.step();
      expect(Buffer.compare(run.bits, once)).toBe(0);
    },
  );

  test("and comes back when it was given up, does not count in a later step", async () => {
    const [first, second] = [new Gate(), new Gate()];
    const held = workerWithGate(first);
    // It goes on though it is told to end, as one does that the system holds up.
    const end = held.terminate.bind(held);
    held.terminate = () => Promise.resolve(0);
    await startWorkers(
      () => held,
      () => workerWithGate(second),
    );
    const run = new Run();
    afterWaking(() => {
      const bothHoldRows = first.arrivals > 0 && second.arrivals > 0;
      if (bothHoldRows) second.open();
      return bothHoldRows;
    });
    withClock(() => (second.arrivals === second.departures ? quickly() : 0));
    expect(errorOf(run.step)).toMatchObject({ threadsLeft: 2, inDoubt: true });
    second.close();
    const { arrivals } = second;
    vi.restoreAllMocks();
    // The second one holds rows of the next step when the first one comes back with those of this one.
    afterWaking(() => {
      if (second.arrivals > arrivals) first.open();
      return first.departures > 0;
    });
    withClock(quickly);
    expect(errorOf(run.step)).toMatchObject({ threadsLeft: 1, inDoubt: true });
    await end();
  });
});

describe("a worker is waited for", () => {
  test.each([2250, 3_600_000])("when the clock jumps by %i ms in the middle of a step", async (jump) => {
    const gate = new Gate();
    const once = await bitsAlone(1);
    await startWorkers(() => workerWithGate(gate));
    const run = new Run();
    let looks = 0;
    afterWaking(() => gate.arrivals > 0);
    withClock((look) => {
      looks = look;
      if (look === 60) gate.open();
      return look % 20 === 10 ? jump : 0;
    });
    run.step();
    expect(looks).toBeGreaterThanOrEqual(60);
    expect(Buffer.compare(run.bits, once)).toBe(0);
    run.step();
    expect(run.optimizer.iterations).toBe(2);
  });
});
