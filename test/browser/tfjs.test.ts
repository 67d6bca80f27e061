// "rmsprop/tfjs" in pages, on every backend that browsers have: a model that learns, and steps beside those of real Keras.
import { describe, expect, test } from "vitest";
import { fill, streamOf } from "../oracle/bits.js";
import { type Case, loadFixtures, sizeOf } from "../oracle/case.js";
import { compareElements, distances } from "../oracle/compare.js";
import { runsOnTensors } from "../tfjs/run-case.js";
import { PAGE_TOLERANCE } from "../tfjs/tolerances.js";
import { ISOLATED, useChromium } from "./page.js";
import type { PageCase } from "./pages/steps.js";

const open = useChromium();

const BACKENDS = [
  { backend: "cpu", engine: "tfjs-cpu-staged", tolerance: 0 },
  { backend: "wasm", engine: "tfjs-wasm-fused", tolerance: 0 },
  { backend: "webgl", engine: "tfjs-webgl", tolerance: PAGE_TOLERANCE.ulp },
  { backend: "webgpu", engine: "tfjs-webgpu-fused", tolerance: 0 },
] as const;

/** Some fixtures of whole calls on finite, ordinary numbers: what is lost beyond those differs from one graphics card to the next. */
const CASES = ["planned", "random"]
  .flatMap((name) => loadFixtures<Case>(name))
  .filter(isOrdinary)
  .filter((each, i) => needsNorm(each) || i % 3 === 0);

function isOrdinary(testCase: Case): boolean {
  const { variables, steps, callable, scale, exclude, lost } = testCase;
  const isPlain = !callable && !scale && !exclude && !lost && runsOnTensors(testCase);
  const ordinary = ["normal", "positive", "constant"];
  // The page's variables are no layer's.
  const known = variables.every(
    ({ value, gradient, constraint }) => ordinary.includes(value) && ordinary.includes(gradient) && !constraint,
  );
  return isPlain && known && steps.every((step) => Object.keys(step).every((key) => key === "none"));
}

function needsNorm({ config }: Case): boolean {
  return Number(config.clipnorm ?? config.global_clipnorm ?? 0) > 0;
}

function pageCaseOf({ config, variables, steps, seed }: Case): PageCase {
  const numbers = (size: number, regime: string, stream: number) => [...fill(size, "float32", regime, stream)];
  return {
    config,
    variables: variables.map(({ name, shape, value }, i) => {
      return { name, shape: [...shape], values: numbers(sizeOf(shape), value, streamOf(seed, 0, i)) };
    }),
    calls: steps.map(({ none }, call) =>
      variables.map(({ shape, gradient, frozen }, i) =>
        none?.includes(i) ? null : numbers(sizeOf(shape), gradient, streamOf(seed, frozen ? 1 : call + 1, i)),
      ),
    ),
  };
}

/** The greatest distance from Keras over all arrays of a case. Of long arrays fixtures have a hash and four elements. */
function distanceOf({ end }: Case, received: readonly number[][]): number {
  const slots = end.optimizer.slice(end.paths.filter(isCounter).length);
  const expected = [...end.variables, ...slots];
  expect(received.length).toBe(expected.length);
  const ulps = expected.map((text, i) => {
    const array = Float32Array.from(received[i] ?? []);
    return compareElements("", text, array) === null ? 0 : Math.max(1, distances(text, array).greatest);
  });
  return Math.max(...ulps);
}

const isCounter = (path: string): boolean => /\/(iteration|learning_rate)$/.test(path);

describe.each(BACKENDS)("on backend $backend", ({ backend, engine, tolerance }) => {
  test("a model learns, ends with its averages, and leaves no tensor behind", async () => {
    const fitted = await open({ page: "tfjs" }, (page) =>
      page.evaluate(async (backend) => {
        await window.start(backend);
        return window.fitSmallModel();
      }, backend),
    );
    const { losses, weights } = fitted;
    expect(fitted).toMatchObject({ engine, averages: weights, left: 0 });
    expect(losses.length).toBe(12);
    expect(losses.at(-1)).toBeLessThan(1e-6 * (losses[0] ?? 0));
    for (const [i, value] of [2, -1, 0.5].entries()) expect(weights[i]).toBeCloseTo(value, 1);
  });

  test(`${CASES.length} fixtures: the bits of Keras, with norms within ${tolerance} ulp`, async () => {
    const received = await open({ page: "tfjs" }, (page) =>
      page.evaluate(
        async ([backend, cases]) => {
          if (!(await window.start(backend))) throw new Error(`${backend} did not start`);
          const results = [];
          for (const each of cases) results.push(await window.runSteps(each));
          return results;
        },
        [backend, CASES.map(pageCaseOf)] as const,
      ),
    );
    const distances = CASES.map((each, i) => ({
      id: each.id,
      ulp: distanceOf(each, received[i] ?? []),
      norm: needsNorm(each),
    }));
    const missed = distances.filter(({ ulp }) => ulp > 0);
    console.log(
      `tfjs-${backend}: ${CASES.length} cases; ${missed.map(({ id, ulp }) => `${id} ${ulp} ulp`).join(", ") || "all exact"}`,
    );
    expect(missed.filter(({ ulp, norm }) => !norm || ulp > tolerance)).toEqual([]);
  });
});

describe("on backend webgpu, beside core", () => {
  test("a loss scale over steps that are not all finite: the same scales, and the same bits", async () => {
    const result = await open({ page: "tfjs" }, (page) =>
      page.evaluate(async () => {
        await window.start("webgpu");
        return window.scaledAsCore();
      }),
    );
    expect(result).toMatchObject({ engine: "tfjs-webgpu-fused", counts: { fused: 5, composed: 0 }, differing: 0 });
    expect(result.scales).toEqual(result.expectedScales);
    expect(result.scales.at(-1)).toEqual([2, 1, 5]);
  });

  test("a run that is saved and loaded, and one that goes to wasm and comes back, have the same bits", async () => {
    const results = await open({ page: "tfjs" }, (page) =>
      page.evaluate(async () => {
        await window.start("webgpu");
        return { saved: await window.savedAsCore(), moved: await window.movedAsCore("wasm") };
      }),
    );
    const engine = "tfjs-webgpu-fused";
    expect(results.saved).toMatchObject({ engine, counts: { fused: 3, composed: 0 }, differing: 0 });
    expect(results.moved).toMatchObject({ engine, counts: { fused: 6, composed: 0 }, differing: 0 });
  });
});

test("in an isolated page the wasm backend has threads of its own, and steps have the same bits", async () => {
  const cases = CASES.filter(({ id }) => id.startsWith("large/"));
  expect(cases.length).toBeGreaterThan(0);
  const { workers, received } = await open({ page: "tfjs", headers: ISOLATED }, (page) =>
    page.evaluate(async (cases) => {
      await window.start("wasm");
      const results = [];
      for (const each of cases) results.push(await window.runSteps(each));
      return { workers: window.workers.length, received: results };
    }, cases.map(pageCaseOf)),
  );
  expect(workers).toBeGreaterThan(0);
  expect(cases.map((each, i) => distanceOf(each, received[i] ?? []))).toEqual(cases.map(() => 0));
});

test("there our workers join in the backend's own memory, and the bits stay the same", async () => {
  const { runs, joined } = await open({ page: "tfjs", headers: ISOLATED }, (page) =>
    page.evaluate(async () => {
      await window.start("wasm");
      const runs = [await window.runLargeSteps(1)];
      const before = window.workers.length;
      runs.push(await window.runLargeSteps(2), await window.runLargeSteps(3));
      return { runs, joined: window.workers.length - before };
    }),
  );
  expect(runs).toEqual([1, 2, 3].map((threads) => ({ threads, bits: runs[0]?.bits })));
  // One worker, then two, for each of two memories: that of Variables and that of the backend.
  expect(joined).toBe(2 * (1 + 2));
});
