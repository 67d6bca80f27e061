// The bits of real Keras on tensors of TensorFlow.js' webgpu backend: the fixtures of core, wherever tensors can follow. Where
// they cannot be had, those of Keras' arithmetic with subnormal numbers flushed to zero, as in keras.test.ts.
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop } from "rmsprop";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Case, loadFixtures } from "../oracle/case.js";
import { type OptimizerClass, runCase } from "../oracle/run-case.js";
import { runOf, runsOnTensors } from "../tfjs/run-case.js";
import { flush, flushedOps } from "./flushed.js";
import { startTensors } from "./tensors.js";

vi.mock(import("../../src/engine/js/blocks.js"), async (original) => {
  const blocks = await original();
  return { ...blocks, blockOps: (dtype) => flushedOps(blocks.blockOps(dtype)) };
});

vi.mock(import("../../src/rule/scalars.js"), async (original) => {
  const scalars = await original();
  return { ...scalars, ROUND: { ...scalars.ROUND, float32: (value) => flush(Math.fround(value)) } };
});

// Missing gradients are part of many cases; that they are warned of is tested elsewhere.
beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
});

// The finite check of a LossScaleOptimizer needs its answer at once: those cases run in Chromium.
const cases = ["planned", "random"]
  .flatMap((name) => loadFixtures<Case>(name))
  .filter((each) => runsOnTensors(each) && !each.scale);

test("every fixture of float32 has the bits of Keras, or those that it has with subnormals flushed to zero", async () => {
  await startTensors();
  const failures: string[] = [];
  let flushed = 0;
  for (const each of cases) {
    const { hashes, counts } = await runOf(each);
    if (counts.fused === 0 || counts.composed > 0) failures.push(`${each.id} was not fused`);
    if (each.hashes.every((hash, i) => hash === hashes[i])) continue;
    flushed++;
    const reference = runCase(each, { engine: "js" }, RMSprop as unknown as OptimizerClass);
    const call = reference.hashes.findIndex((hash, i) => hash !== hashes[i]);
    if (call >= 0) failures.push(`${each.id} differs from the flushed reference from call ${call} on`);
  }
  const exact = cases.length - flushed;
  console.log(`tfjs-webgpu-fused: ${cases.length} cases, ${exact} with the bits of Keras, ${flushed} flushed`);
  expect(tf.getBackend()).toBe("webgpu");
  expect(failures.slice(0, 20)).toEqual([]);
  expect(exact).toBeGreaterThan(cases.length / 2);
});
