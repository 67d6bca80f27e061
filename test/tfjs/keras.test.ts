// The bits of real Keras on tensors: the fixtures of core, wherever tensors can follow.
import * as tf from "@tensorflow/tfjs-core";
import { expect, test, vi } from "vitest";
import { type Case, loadFixtures } from "../oracle/case.js";
import { mismatchOf, runsOnTensors } from "./run-case.js";
import { onEveryBackend } from "./suite.js";

const cases = ["planned", "random"].flatMap((name) => loadFixtures<Case>(name)).filter(runsOnTensors);

onEveryBackend((backend) => {
  test("every fixture without a norm has the bits of Keras after every call", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const mismatches = [];
    for (const testCase of cases) mismatches.push(await mismatchOf(testCase));
    vi.restoreAllMocks();
    console.log(`tfjs-${backend}: ${cases.length} cases, ${mismatches.filter(Boolean).length} mismatches`);
    expect(tf.getBackend()).toBe(backend);
    expect(mismatches.filter(Boolean).slice(0, 20)).toEqual([]);
  });
});
