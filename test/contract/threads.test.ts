// Threads: the same bits for every number of them, and processes that end by themselves. Workers that are lost are in
// lost-workers.test.ts.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RMSprop, type RMSpropOptions, setEngine, setThreads, Variable } from "rmsprop";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Start } from "../../src/engine/wasm/threads/control.js";
import { isWhole } from "../seed.js";
import { type NodeWorker, SCRIPT, type Threads, withWorkersFrom, workerOf } from "./workers.js";

// The module object that the package asks for its workers; an import would be a copy of it.
const threads = createRequire(import.meta.url)("node:worker_threads") as Threads;

beforeEach(() => {
  setEngine("wasm");
});

afterEach(async () => {
  await setThreads(1);
  setEngine("auto");
});

/** Large enough to be shared, odd enough to leave tails. */
const LENGTHS = [200_003, 7, 70_001, 64];

const numbers = (length: number, seed: number) => new Float32Array(length).map((_, i) => Math.sin(i * 0.7 + seed));
const VALUES = LENGTHS.map(numbers);
const GRADIENTS = LENGTHS.map((length, i) => numbers(length, 9 * i + 1));

function train(options: RMSpropOptions, steps = 4): Uint8Array[] {
  const variables = VALUES.map((values) => new Variable(values));
  const gradients = GRADIENTS.map((values) => new Variable(values));
  const optimizer = new RMSprop(options);
  for (let step = 0; step < steps; step++) optimizer.apply(gradients, variables);
  const values = [...variables.map(({ value }) => value), ...optimizer.variables.map(({ value }) => value)];
  const bits = values.map((value) => new Uint8Array(value.slice().buffer));
  optimizer.dispose();
  for (const variable of [...variables, ...gradients]) variable.dispose();
  return bits;
}

const OPTIONS: readonly RMSpropOptions[] = [
  {},
  { centered: true, momentum: 0.9, weightDecay: 0.01, useEma: true, emaOverwriteFrequency: 2 },
  { clipnorm: 0.5 },
  { globalClipnorm: 0.5, gradientAccumulationSteps: 2, lossScaleFactor: 8 },
];

describe("setThreads", () => {
  test.each(OPTIONS)("gives the same bits on 1, 2, 3 and 5 threads with %j", async (options) => {
    const alone = train(options);
    // In `npm test` two of these counts.
    for (const count of isWhole ? [2, 3, 5] : [2, 5]) {
      expect(await setThreads(count)).toBe(count);
      expect(train(options).every((bits, i) => Buffer.compare(bits, alone[i] ?? bits) === 0)).toBe(true);
    }
  });

  test("says how many threads really run, also for more than the machine has", async () => {
    expect(await setThreads(4)).toBe(4);
    if (isWhole) expect(await setThreads(500)).toBe(65); // see the warning of it
    expect(await setThreads(1)).toBe(1);
    expect(await setThreads("auto")).toBeGreaterThanOrEqual(1);
  });

  test("may be called twice at once: the last one counts", async () => {
    expect(await Promise.all([setThreads(3), setThreads(2)])).toEqual([3, 2]);
  });

  test("may be called during an apply, and takes effect after it", async () => {
    let asked: Promise<number> | null = null;
    const optimizer = new RMSprop({
      learningRate: () => {
        asked ??= setThreads(2);
        return 0.1;
      },
    });
    const variable = new Variable(new Float32Array(100_000));
    optimizer.apply([new Float32Array(100_000).fill(1)], [variable]);
    expect(await asked).toBe(2);
    optimizer.apply([new Float32Array(100_000).fill(1)]);
    expect(optimizer.iterations).toBe(2);
  });

  test("is 1 on the js engine", async () => {
    setEngine("js");
    expect(await setThreads(4)).toBe(1);
  });

  test.each([0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", async (count) => {
    await expect(setThreads(count)).rejects.toThrow(RangeError);
    await expect(setThreads(count)).rejects.toThrow(
      `setThreads: count must be an integer >= 1 or "auto"; received count=${count}.`,
    );
  });

  test.each(["many", "2", null, undefined])("refuses %j", async (count) => {
    await expect(setThreads(count as never)).rejects.toThrow(TypeError);
  });

  test("may be called by a loss, and takes effect after the step", async () => {
    let asked: Promise<number> | null = null;
    const variable = new Variable(new Float32Array(100_000).fill(1));
    const loss = () => {
      asked ??= setThreads(3);
      return { value: 1, gradients: [variable] };
    };
    const optimizer = new RMSprop();
    optimizer.minimize(loss, [variable]);
    expect(await asked).toBe(3);
    optimizer.minimize(loss, [variable]);
    expect(optimizer.iterations).toBe(2);
  });
});

const WITHOUT_WASM = `
  WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError("refused"); } };
  import(require("node:worker_threads").workerData.script);`;

const NO_WORKERS: readonly (readonly [string, () => NodeWorker])[] = [
  [
    "a policy refuses them",
    () => {
      throw new Error("refused");
    },
  ],
  ["their script is missing", () => workerOf(new URL("./missing.js", import.meta.url))],
  ["their script cannot be parsed", () => workerOf("this is no JavaScript")],
  ["their script throws", () => workerOf('throw new Error("thrown")')],
  ["their script ends at once", () => workerOf("process.exit(0)")],
  ["a policy refuses WebAssembly in them", () => workerOf(WITHOUT_WASM, { script: SCRIPT.href })],
];

describe("setThreads is 1, and says so at once, where", () => {
  test.each(NO_WORKERS)("%s", async (_, create) => {
    const began = performance.now();
    let created = 0;
    const counted = () => {
      created++;
      return create();
    };
    expect(await withWorkersFrom(threads, counted, () => setThreads(3))).toBe(1);
    expect(created).toBe(2);
    // It would wait five seconds for a worker that says nothing.
    expect(performance.now() - began).toBeLessThan(5000);
    const variable = new Variable(new Float32Array(100_000).fill(1));
    const optimizer = new RMSprop({ learningRate: 0.5 });
    optimizer.apply([variable], [variable]);
    expect(optimizer.iterations).toBe(1);
  });
});

describe("a warning says why fewer threads run than were asked for:", () => {
  const refused = () => {
    throw new Error("refused");
  };
  test.each([
    ["the engine", "js", 7, "1 of 7 threads run: the engine is JavaScript."],
    ["a policy", "wasm", 8, "1 of 8 threads run: some workers did not start."],
    // So many are slow to start.
    ...(isWhole ? [["the most there are", "wasm", 99, "65 of 99 threads run: these are the most."] as const] : []),
  ] as const)("%s", async (_, engine, count, text) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    setEngine(engine);
    const run = await (count === 8 ? withWorkersFrom(threads, refused, () => setThreads(count)) : setThreads(count));
    expect(text).toMatch(new RegExp(`^${run} of ${count} `));
    expect(warn.mock.calls).toEqual([[expect.stringContaining(`setThreads: ${text}`)]]);
    warn.mockRestore();
  });

  test("a platform without workers", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { getBuiltinModule } = process;
    Reflect.deleteProperty(process, "getBuiltinModule");
    expect(await setThreads(2).finally(() => Object.assign(process, { getBuiltinModule }))).toBe(1);
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining("setThreads: 1 of 2 threads run: this platform has no")],
    ]);
    warn.mockRestore();
  });
});

/** Epochs whose number of 16 or 32 bits begins anew soon, or gets a sign. */
test.each([2 ** 16 - 3, 2 ** 31 - 3, 2 ** 32 - 3])(
  "the bits are the same when %i tables were computed before",
  async (epoch) => {
    const alone = train({ clipnorm: 0.5 });
    const starts: Start[] = [];
    const create = (): NodeWorker => {
      const worker = workerOf(SCRIPT);
      const { postMessage } = worker;
      worker.postMessage = (start) => {
        starts.push(start as Start); // nothing else is posted
        postMessage.call(worker, start);
      };
      return worker;
    };
    expect(await withWorkersFrom(threads, create, () => setThreads(3))).toBe(3);
    for (const { memory, control, at } of starts) {
      Atomics.store(new Uint32Array(memory.buffer, control, at.LENGTH), at.EPOCH, epoch);
    }
    expect(train({ clipnorm: 0.5 }).every((bits, i) => Buffer.compare(bits, alone[i] ?? bits) === 0)).toBe(true);
  },
);

test("a worker that never answers is waited for no longer than some seconds", async () => {
  const silent = () => workerOf("setInterval(() => {}, 1000)");
  expect(await withWorkersFrom(threads, silent, () => setThreads(2))).toBe(1);
}, 15_000);

// The sources need a loader, which a plain process has not.
describe.runIf(process.env.RMSPROP_DIST === "1")("a Node process", () => {
  const dist = fileURLToPath(new URL("../../dist", import.meta.url));

  test("ends by itself with idle workers", () => {
    expect(printedWith(dist)).toEqual({ threads: 3, stepped: true });
  });

  test("has its threads where the file of the worker was left behind, as by a bundler", () => {
    const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
    try {
      cpSync(dist, folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
      rmSync(join(folder, "engine/wasm/threads/worker.js"));
      const printed = printedWith(folder);
      expect(printed).toEqual({ threads: 3, stepped: true });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** What a process of its own prints that asks the package in `folder` for three threads and makes a step. */
function printedWith(folder: string): unknown {
  const script = `
    const { setThreads, RMSprop, Variable } = await import(${JSON.stringify(pathToFileURL(join(folder, "plain/index.js")).href)});
    const threads = await setThreads(3);
    const v = new Variable(new Float32Array(200000)), g = new Variable(new Float32Array(200000).fill(1));
    new RMSprop().apply([g], [v]);
    console.log(JSON.stringify({ threads, stepped: v.value[0] < 0 }));`;
  const limits = { encoding: "utf8", timeout: 4500 } as const;
  return JSON.parse(execFileSync("node", ["--input-type=module", "-e", script], limits));
}
