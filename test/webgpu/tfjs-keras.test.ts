// The bits of real Keras on tensors of TensorFlow.js' webgpu backend: the fixtures of core, wherever tensors can follow. Where
// they cannot be had, those of Keras' arithmetic with subnormal numbers flushed to zero, as in keras.test.ts.
import * as tf from "@tensorflow/tfjs-core";
import { useWebGpu } from "rmsprop/tfjs/webgpu";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { byId, loadRuns } from "../oracle/case.js";
import { runCase } from "../oracle/run-case.js";
import { runOf, runsOnTensors } from "../tfjs/run-case.js";
import { startTensors } from "./tensors.js";

vi.mock(import("../../src/engine/js/blocks.js"), async (original) =>
  (await import("./flushed.js")).flushedBlocks(await original()),
);
vi.mock(import("../../src/rule/scalars.js"), async (original) =>
  (await import("./flushed.js")).flushedScalars(await original()),
);
vi.mock(import("../../src/constraints/axis-norm.js"), async (original) =>
  (await import("./flushed.js")).flushedNorms(await original()),
);
vi.mock(import("../../src/rule/constraint-formula.js"), async (original) =>
  (await import("./flushed.js")).flushedFormula(await original()),
);

// Missing gradients are part of many cases; that they are warned of is tested elsewhere.
beforeAll(async () => {
  useWebGpu();
  await startTensors();
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
});

// The finite check of a LossScaleOptimizer needs its answer at once: those cases run in Chromium.
const cases = loadRuns().filter((each) => runsOnTensors(each) && !each.scale);

const counts = { checked: 0, flushed: 0 };

test.each(byId(cases))(
  "the run %s has every bit of Keras, or of Keras with subnormals flushed",
  async (_, testCase) => {
    const { hashes, counts: steps } = await runOf(testCase);
    counts.checked++;
    expect(tf.getBackend()).toBe("webgpu");
    expect(steps.fused).toBeGreaterThan(0);
    expect(steps.composed).toBe(0);
    if (testCase.hashes.every((hash, i) => hash === hashes[i])) return;
    counts.flushed++;
    const flushed = runCase(testCase, { engine: "js" });
    expect(hashes).toEqual(flushed.hashes);
  },
);

// The flushed reference is no proof if it is always needed.
test("most runs, of those before this test, have the bits of Keras itself", ({ skip }) => {
  const { checked, flushed } = counts;
  skip(checked === 0, "no run was asked for");
  console.log(`tfjs-webgpu-fused: ${checked} runs, ${flushed} of them with subnormals flushed`);
  expect(checked - flushed).toBeGreaterThan(checked / 2);
});
