// What was measured, in a link and back.
import { expect, test } from "vitest";
import { fromFragment, toFragment } from "../address.js";
import { INITIAL } from "../settings.js";

const MEASURED = {
  machine: "Chrome 150 on macOS, 10 threads",
  bars: [
    { word: "tftrain", nanoseconds: 6.19 },
    { word: "wasm10", nanoseconds: 0.0712 },
  ],
};

test("a link to the tab holds what was measured, and on which machine", () => {
  const fragment = toFragment({ ...INITIAL, tab: "speed", measured: MEASURED });
  expect(fromFragment(fragment)).toEqual({
    state: { ...INITIAL, tab: "speed", measured: MEASURED },
    problems: [],
  });
});

test("a link to another tab says nothing of the machine", () => {
  const fragment = toFragment({ ...INITIAL, tab: "landscape", measured: MEASURED });
  expect(fragment).toBe("tab=landscape");
});

test.each([
  ["an unknown word", "measured=quick1:2&machine=mine"],
  ["a name of Object.prototype", "measured=constructor:2&machine=mine"],
  ["threads without a number", "measured=wasm:2&machine=mine"],
  ["a time of zero", "measured=loop:0&machine=mine"],
  ["a time that is no number", "measured=loop:fast&machine=mine"],
  ["no end of times", "measured=loop:Infinity&machine=mine"],
  ["no time", "measured=loop&machine=mine"],
  ["one of them twice", "measured=loop:1~loop:2&machine=mine"],
  ["too many", `measured=${Array.from({ length: 21 }, (_, i) => `wasm${i + 1}:1`).join("~")}&machine=mine`],
  ["no machine", "measured=loop:1"],
  ["an endless machine", `measured=loop:1&machine=${"x".repeat(81)}`],
])("of a link with %s nothing is taken, and it is told", (_, words) => {
  const { state, problems } = fromFragment(`tab=speed&${words}`);
  expect(state.measured).toBeNull();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("measured cannot be");
});
