// Threads in pages: where they run, where they are refused, and what becomes of the step when one is lost.
import type { RMSpropOptions } from "rmsprop";
import { describe, expect, test } from "vitest";
import { ISOLATED, useChromium, type Visit } from "./page.js";

const open = useChromium();
const isolated: Visit = { page: "core", headers: ISOLATED };

/** The path that Vite gives the worker's script. */
const WORKER = /\/worker[^/]*\.js$/;

/** A worker that takes rows and never finishes them. */
const STUCK = `
  onmessage = ({ data: { memory, control, index, at } }) => {
    const words = new Int32Array(memory.buffer, control, at.LENGTH);
    const epoch = Atomics.load(words, at.EPOCH);
    postMessage("ready");
    Atomics.wait(words, at.EPOCH, epoch);
    Atomics.store(words, at.ACTIVE + index * at.ACTIVE_STRIDE, 1);
    Atomics.add(words, at.TICKET, 1);
  };`;

const OPTIONS: readonly RMSpropOptions[] = [
  {},
  { centered: true, momentum: 0.9, weightDecay: 0.01, useEma: true, emaOverwriteFrequency: 2 },
  { globalClipnorm: 0.5, gradientAccumulationSteps: 2, lossScaleFactor: 8 },
];

describe("in a page that is cross-origin isolated", () => {
  test.each(OPTIONS)("steps have the same bits on 1, 2 and 3 threads and on the js engine with %j", async (options) => {
    const runs = await open(isolated, (page) =>
      page.evaluate(async (options) => {
        const { setEngine, setThreads } = window.rmsprop;
        const runs = [];
        for (const count of [1, 2, 3]) {
          runs.push({ threads: await setThreads(count), bits: await window.train(options) });
        }
        const workers = window.workers.length;
        setEngine("js");
        runs.push({ threads: await setThreads(1), bits: await window.train(options) });
        return { runs, workers, waits: window.waits };
      }, options),
    );
    const bits = runs.runs[0]?.bits;
    expect(runs).toEqual({
      runs: [1, 2, 3, 1].map((threads) => ({ threads, bits })),
      workers: 1 + 2,
      waits: 0,
    });
  });

  test("workers stop with setThreads(1)", async () => {
    await open(isolated, async (page) => {
      const started = await page.evaluate(() => window.rmsprop.setThreads(3));
      expect(started).toBe(3);
      expect(page.workers().length).toBe(2);
      expect(await page.evaluate(() => window.rmsprop.setThreads(1))).toBe(1);
      await expect.poll(() => page.workers().length).toBe(0);
    });
  });

  test("when setThreads is done, no worker of before can touch memory any more", async () => {
    const held = await open(isolated, (page) =>
      page.evaluate(async () => {
        const held = [];
        for (const count of [4, 2, 3, 1]) {
          await window.rmsprop.setThreads(count);
          // Each worker holds a lock as long as it lives.
          held.push((await navigator.locks.query()).held?.length);
        }
        return held;
      }),
    );
    expect(held).toEqual([3, 1, 2, 0]);
  });

  test("a worker that is terminated makes the next apply throw, before anything has changed; later ones go on", async () => {
    const seen = await open(isolated, (page) =>
      page.evaluate(async () => {
        const { RMSprop, setThreads, Variable, WorkerLostError } = window.rmsprop;
        await setThreads(3);
        const variable = new Variable(new Float32Array(200_000).fill(1));
        const gradient = new Variable(new Float32Array(200_000).fill(1));
        const optimizer = new RMSprop();
        optimizer.apply([gradient], [variable]);
        const before = variable.value[0];
        window.workers[0]?.terminate();
        const outcomes: unknown[] = [];
        // The platform tells of the end when it comes to it.
        for (let i = 0; i < 100 && outcomes.length === 0; i++) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          const calls = optimizer.iterations;
          const value = variable.value[0];
          try {
            optimizer.apply([gradient]);
          } catch (error) {
            if (!(error instanceof WorkerLostError)) throw error;
            const { name, threadsLeft, inDoubt } = error;
            const unchanged = optimizer.iterations === calls && variable.value[0] === value;
            outcomes.push({ name, threadsLeft, inDoubt, unchanged });
          }
        }
        const calls = optimizer.iterations;
        optimizer.apply([gradient]);
        return { outcomes, goesOn: optimizer.iterations === calls + 1 && variable.value[0] !== before };
      }),
    );
    const lost = { name: "WorkerLostError", threadsLeft: 2, inDoubt: false, unchanged: true };
    expect(seen).toEqual({ outcomes: [lost], goesOn: true });
  });

  test("a worker that dies in the middle of a step makes that apply say that its state is in doubt", async () => {
    const seen = await open({ ...isolated, replaced: { path: WORKER, script: STUCK } }, (page) =>
      page.evaluate(async () => {
        const { RMSprop, setThreads, Variable, WorkerLostError } = window.rmsprop;
        const threads = await setThreads(2);
        const variable = new Variable(new Float32Array(5_000_000).fill(1));
        const optimizer = new RMSprop();
        let inDoubt: boolean | null = null;
        try {
          optimizer.apply([variable], [variable]);
        } catch (error) {
          if (error instanceof WorkerLostError) inDoubt = error.inDoubt;
        }
        optimizer.apply([variable], [variable]);
        return { threads, inDoubt, iterations: optimizer.iterations, left: await setThreads(1), waits: window.waits };
      }),
    );
    expect(seen).toEqual({ threads: 2, inDoubt: true, iterations: 1, left: 1, waits: 0 });
  });
});

/** The script is served by a server that is none of a bundler's. */
const MISSING = { missing: WORKER, expected: [/^status 404: .*worker/, /^failed: .*worker/] };
const withPolicy = (policy: string) => ({ headers: { ...ISOLATED, "Content-Security-Policy": policy } });

describe("workers start from their text in a page", () => {
  test.each<readonly [string, Visit]>([
    ["whose worker script is missing", { ...isolated, ...MISSING }],
    ["whose worker script cannot be parsed", { ...isolated, replaced: { path: WORKER, script: "no JavaScript" } }],
    ["whose worker script throws", { ...isolated, replaced: { path: WORKER, script: "throw new Error('thrown')" } }],
    ["whose policy allows no other", { page: "core", ...withPolicy("worker-src blob:"), expected: [/worker-src/] }],
  ])("%s, at once", async (_, visit) => {
    const { threads, bits, alone, ms } = await open(visit, (page) => page.evaluate(onThreeThreads));
    expect(threads).toBe(3);
    expect(ms).toBeLessThan(2000);
    expect(bits).toBe(alone);
  });

  test("whose scripts come from another origin", async () => {
    const shared = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };
    const threads = await open({ page: "core", headers: { ...ISOLATED, ...shared } }, async (page) => {
      const src = await page.evaluate(() => document.querySelector("script")?.src ?? "");
      await page.addScriptTag({ type: "module", url: src.replace("127.0.0.1", "localhost") });
      return page.evaluate(() => window.rmsprop.setThreads(2));
    });
    expect(threads).toBe(2);
  });

  test("whose worker script never answers, after some seconds", async () => {
    const silent = { path: WORKER, script: "onmessage = () => undefined" };
    const threads = await open({ ...isolated, replaced: silent }, (page) =>
      page.evaluate(() => window.rmsprop.setThreads(2)),
    );
    expect(threads).toBe(2);
  });
});

describe("setThreads is 1, and says at once why, in a page", () => {
  test.each<readonly [string, Visit, string]>([
    ["that is not isolated", { page: "core" }, "this page is not cross-origin isolated. Serve it with the headers"],
    [
      "whose policy refuses workers",
      { page: "core", ...withPolicy("worker-src 'none'"), expected: [/worker-src/] },
      "some workers did not start. In a page, its policy must allow worker-src",
    ],
    [
      "whose policy allows its own workers, where the script is missing",
      { page: "core", ...withPolicy("worker-src 'self'"), ...MISSING, expected: [...MISSING.expected, /worker-src/] },
      "some workers did not start. In a page, its policy must allow worker-src",
    ],
  ])("%s", async (_, visit, reason) => {
    const warnings: string[] = [];
    const { threads, bits, alone, ms } = await open(visit, (page) => {
      page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
      return page.evaluate(onThreeThreads);
    });
    expect(threads).toBe(1);
    expect(ms).toBeLessThan(2000);
    expect(bits).toBe(alone);
    expect(warnings).toEqual([expect.stringContaining(`setThreads: 1 of 3 threads run: ${reason}`)]);
  });
});

/** Runs in a page. */
async function onThreeThreads() {
  const alone = await window.train({});
  const began = performance.now();
  const threads = await window.rmsprop.setThreads(3);
  return { threads, ms: performance.now() - began, alone, bits: await window.train({}) };
}
