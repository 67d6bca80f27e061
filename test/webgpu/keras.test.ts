// The bits of real Keras on a device: the fixtures of core. Where they cannot be had, those of Keras' arithmetic with
// subnormal numbers flushed to zero, which is all that the table of tolerances allows on this adapter.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { canonical } from "../oracle/bits.js";
import { byId, loadRuns } from "../oracle/case.js";
import { compareCase, describeMismatch, type Outcome } from "../oracle/compare.js";
import { runCase } from "../oracle/run-case.js";
import { startDevice } from "./device.js";
import { outcomeOf, runsOnBuffers } from "./run-case.js";

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

const { adapter, device } = await startDevice();
const cases = loadRuns().filter(runsOnBuffers);
const counts = { checked: 0, flushed: 0 };

// Missing gradients are part of many cases; that they are warned of is tested elsewhere.
beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
});

test.each(byId(cases))(
  "the run %s has every bit of Keras, or of Keras with subnormals flushed",
  async (_, testCase) => {
    const outcome = await outcomeOf(device, testCase);
    counts.checked++;
    const mismatches = compareCase(testCase, outcome).mismatches.map(describeMismatch);
    if (mismatches.length === 0) return;
    counts.flushed++;
    const flushed = runCase(testCase, { engine: "js" });
    expect(differenceOf(outcome, flushed), mismatches[0]).toBeNull();
  },
);

// The flushed reference is no proof if it is always needed.
test("most runs, of those before this test, have the bits of Keras itself", ({ skip }) => {
  const { checked, flushed } = counts;
  skip(checked === 0, "no run was asked for");
  const { vendor, architecture } = adapter.info;
  console.log(`${vendor} ${architecture}: ${checked} runs, ${flushed} of them with subnormals flushed`);
  expect(checked - flushed).toBeGreaterThan(checked / 2);
});

/** Where two runs of ours differ, or null. */
function differenceOf(found: Outcome, expected: Outcome): string | null {
  const call = expected.hashes.findIndex((hash, i) => hash !== found.hashes[i]);
  if (call < 0 && found.hashes.length === expected.hashes.length) return null;
  const array = expected.arrays.find(({ value }, i) => {
    const wanted = canonical(value);
    const received = canonical(found.arrays[i]?.value ?? new Float32Array());
    return wanted.some((number, at) => !Object.is(number, received[at]));
  });
  return `differs from the flushed reference from call ${call} on, in ${array?.name ?? "a state before the last"}`;
}
