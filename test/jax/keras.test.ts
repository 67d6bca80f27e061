// The bits of real Keras on arrays of jax-js: the fixtures of core, wherever such arrays can follow.
import { expect, test, vi } from "vitest";
import { type Case, loadFixtures } from "../oracle/case.js";
import { onEveryBackend } from "./backends.js";
import { compareCase, hasNorm, runsOnArrays } from "./run-case.js";

const cases = ["planned", "random"].flatMap((name) => loadFixtures<Case>(name)).filter(runsOnArrays);
const exact = cases.filter((testCase) => !hasNorm(testCase));

onEveryBackend((backend) => {
  test.each([
    ["jax", "without a norm", exact],
    ["core", "with and without a norm", cases],
  ] as const)(
    "engine %s: every fixture %s has the bits of Keras after every call",
    (engine, _, chosen) => {
      vi.spyOn(console, "warn").mockImplementation(() => undefined);
      // The backend "cpu" is an interpreter: one case in ten.
      const run = chosen.filter((_, i) => backend === "wasm" || i % 10 === 0);
      const results = run.map((testCase) => compareCase(testCase, engine));
      vi.restoreAllMocks();
      const worst = Math.max(...results.map(({ ulp }) => ulp));
      const mismatches = results.flatMap(({ mismatch }) => mismatch ?? []);
      console.log(
        `jax-${backend}, ${engine}: ${run.length} cases, ${mismatches.length} mismatches, worst ${worst} ulp`,
      );
      expect(run.length).toBeGreaterThan(30);
      expect(mismatches.slice(0, 20)).toEqual([]);
    },
    240_000,
  );
});
