// The bits of real Keras on arrays of jax-js: the fixtures of core, wherever such arrays can follow. `npm test` makes a choice
// of them, with every option; `npm run test:package` runs all.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { byId, choiceOf, loadRuns } from "../oracle/case.js";
import { choice } from "../seed.js";
import { onEveryBackend } from "./backends.js";
import { compareCase, hasNorm, runsOnArrays } from "./run-case.js";

const runnable = loadRuns().filter(runsOnArrays);

// Missing gradients are part of many cases; that they are warned of is tested elsewhere.
beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
});

onEveryBackend((backend) => {
  describe.each([
    // A norm that jax-js sums has other bits: see tolerances.ts.
    ["jax", runnable.filter((testCase) => !hasNorm(testCase))],
    ["core", runnable],
  ] as const)("with engine %s", (engine, exact) => {
    // The backend "cpu" is an interpreter, and the engine of core has a suite of its own.
    const isUsual = backend === "wasm" && engine === "jax";
    const cases = isUsual ? choiceOf(exact, 96) : choice(exact, backend === "wasm" ? 96 : 240);
    let checked = 0;
    let worst = 0;

    test.each(byId(cases))(
      "the run %s has every bit of Keras after every call",
      (_, testCase) => {
        const { mismatch, ulp } = compareCase(testCase, engine);
        checked++;
        worst = Math.max(worst, ulp);
        expect(mismatch).toBeNull();
      },
      240_000,
    );

    afterAll(() => {
      if (checked > 0) console.log(`jax-${backend}, ${engine}: ${checked} runs, worst ${worst} ulp`);
    });
  });
});
