// Where the axis of the bars begins and ends.
import { expect, test } from "vitest";
import { logAxis } from "./axis.js";

test.each([
  ["a factor of ten", [0.45, 4.2], [0.2, 0.5, 1, 2, 5]],
  ["a single value", [3], [2, 5]],
  ["what lies on a mark", [1, 10], [0.5, 1, 2, 5, 10]],
  ["many decades", [0.02, 900], [0.01, 0.1, 1, 10, 100, 1000]],
])("the axis of %s has round marks around it", (_, values, ticks) => {
  const axis = logAxis(values);
  expect(axis.ticks).toEqual(ticks);
  expect(axis.share(ticks[0] ?? 0)).toBe(0);
  expect(axis.share(ticks.at(-1) ?? 0)).toBe(1);
  for (const value of values) expect(axis.share(value)).toBeGreaterThan(0.05);
});

test("equal factors are equally far apart", () => {
  const { share } = logAxis([0.45, 14]);
  expect(share(4) - share(2)).toBeCloseTo(share(10) - share(5), 12);
});
