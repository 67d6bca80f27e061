// Around each test of the contract on a device: what the device has refused of its steps makes it fail. After each suite,
// the tests that were skipped are compared with those that suites.ts declares.
import { basename } from "node:path";
import { StateError } from "rmsprop";
import { afterAll, afterEach, expect } from "vitest";
import { type Missing, skipped } from "./features.js";
import { device, optimizers } from "./library.js";
import { ON_DEVICE } from "./suites.js";

afterEach(async () => {
  for (const optimizer of optimizers.splice(0)) {
    await optimizer.ready().catch((error: unknown) => {
      if (!(error instanceof StateError)) throw error; // disposed of
    });
  }
});

afterAll(() => {
  device.destroy();
  const suite = basename(expect.getState().testPath ?? "", ".test.ts");
  const counts: Partial<Record<Missing, number>> = {};
  for (const feature of skipped.values()) counts[feature] = (counts[feature] ?? 0) + 1;
  expect(counts, `tests of ${suite} that were skipped`).toEqual(ON_DEVICE[suite]);
});
