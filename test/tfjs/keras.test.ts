// The bits of real Keras on tensors: the fixtures of core, wherever tensors can follow.
import * as tf from "@tensorflow/tfjs-core";
import { expect, test, vi } from "vitest";
import { type Case, loadFixtures } from "../oracle/case.js";
import { mismatchOf, needsNorms, runsOnTensors } from "./run-case.js";
import { onEveryWay } from "./suite.js";

const runnable = ["planned", "random", "scales"].flatMap((name) => loadFixtures<Case>(name)).filter(runsOnTensors);

onEveryWay((backend, way) => {
  // Norms of TensorFlow.js' own sum are in core-parity.test.ts.
  const cases = way === "fused" ? runnable : runnable.filter((one) => !needsNorms(one));

  test(`every fixture${way === "fused" ? "" : " without a norm"} has the bits of Keras after every call`, async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const mismatches = [];
    for (const testCase of cases) mismatches.push(await mismatchOf(testCase));
    vi.restoreAllMocks();
    console.log(`tfjs-${backend}, ${way}: ${cases.length} cases, ${mismatches.filter(Boolean).length} mismatches`);
    expect(tf.getBackend()).toBe(backend);
    expect(mismatches.filter(Boolean).slice(0, 20)).toEqual([]);
  });
});
