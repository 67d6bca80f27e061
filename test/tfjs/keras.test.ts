// The bits of real Keras on tensors: the fixtures of core, wherever tensors can follow. `npm test` makes a choice of them, each
// with every option; `npm run test:package` runs all.
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { byId, choiceOf, loadRuns } from "../oracle/case.js";
import { constrainsNorms, mismatchOf, needsNorms, runsOnTensors } from "./run-case.js";
import { onEveryStrategy } from "./suite.js";

/** Of so many cases `npm test` runs one, in each way another one. */
const SHARE = 96;
let ways = 0;

const runnable = loadRuns().filter(runsOnTensors);

// Missing gradients are part of many cases; that they are warned of is tested elsewhere.
beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
});

onEveryStrategy((backend, kind) => {
  // Norms of TensorFlow.js' own sum are in core-parity.test.ts.
  const cases = kind === "fused" ? runnable : runnable.filter((one) => !needsNorms(one) && !constrainsNorms(one));
  let checked = 0;

  test.each(byId(choiceOf(cases, SHARE, ways++)))(
    "the run %s has every bit of Keras after every call",
    async (_, testCase) => {
      checked++;
      expect(await mismatchOf(testCase)).toBeNull();
      expect(tf.getBackend()).toBe(backend);
    },
  );

  afterAll(() => {
    if (checked > 0) console.log(`tfjs-${backend}, ${kind}: ${checked} runs`);
  });
});
