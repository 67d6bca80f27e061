// What becomes of curves before they are drawn.
import { expect, test } from "vitest";
import { alignedData, lastStep, logRange, readingsAt } from "./chart-data.js";

const curve = (values: Iterable<number> | null) => ({ values: values === null ? null : Float64Array.from(values) });

test("a short curve is drawn whole, and ends where its values do", () => {
  expect(alignedData([curve([3, 2, 1]), curve([5]), curve(null)], false)).toEqual([
    [0, 1, 2],
    [3, 2, 1],
    [5, null, null],
    [null, null, null],
  ]);
});

test("what is not finite, and on a logarithmic scale what is not above zero, is a gap", () => {
  const values = [1, Number.NaN, Number.POSITIVE_INFINITY, 0, -1];
  expect(alignedData([curve(values)], false)[1]).toEqual([1, null, null, 0, -1]);
  expect(alignedData([curve(values)], true)[1]).toEqual([1, null, null, null, null]);
});

test("a long curve keeps every peak, the order of time, and its last value", () => {
  const values = Float64Array.from({ length: 5001 }, (_, i) => i / 1e4);
  values[1234] = 99;
  values[4321] = -99;
  const [steps, drawn] = alignedData([{ values }], false) as [number[], number[]];
  expect(steps.length).toBeLessThan(1000);
  expect(drawn.length).toBe(steps.length);
  expect(steps.toSorted((a, b) => a - b)).toEqual(steps);
  expect([Math.max(...drawn), Math.min(...drawn)]).toEqual([99, -99]);
  expect([steps.at(-1), drawn.at(-1)]).toEqual([5000, values[5000]]);
});

test("a logarithmic scale has whole decades, no more than can be seen, and none above its ceiling", () => {
  expect(logRange(0.02, 30, null)).toEqual([0.01, 100]);
  expect(logRange(1e-30, 30, null)).toEqual([1e-10, 100]);
  expect(logRange(null, null, null)).toEqual([0.1, 1]);
  expect(logRange(1e-3, 1e280, 125)).toEqual([1e-3, 1000]);
  expect(logRange(1e-3, 30, 125)).toEqual([1e-3, 100]);
});

test("a chart is read at any step: each curve there, one that has ended or diverged too", () => {
  const styled = (label: string, values: Iterable<number> | null) => ({
    label,
    color: "--run0",
    dashed: false,
    ...curve(values),
  });
  const curves = [
    styled("a", [1, 0.123456, 2e-7]),
    styled("b", [5]),
    styled("c", null),
    styled("d", [1, 2, Number.NaN]),
  ];
  const at = (step: number) => readingsAt(curves, step).map(({ label, text }) => `${label} ${text}`);
  expect(at(0)).toEqual(["a 1", "b 5", "d 1"]);
  expect(at(1)).toEqual(["a 0.1235", "b –", "d 2"]);
  expect(at(2)).toEqual(["a 2e-7", "b –", "d NaN"]);
  expect([lastStep(curves), lastStep([curve(null)]), lastStep([])]).toEqual([2, -1, -1]);
});
