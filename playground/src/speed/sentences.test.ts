// What is said of measurements: each sentence from the numbers it is given, and none from too few.
import { expect, test } from "vitest";
import { verdictOf } from "./sentences.js";

const measured = (times: Readonly<Record<string, number>>) => ({
  machine: "Firefox 150 on Linux, 8 threads",
  bars: Object.entries(times).map(([word, nanoseconds]) => ({ word, nanoseconds })),
});
const CORE = { loop: 5, js: 14, wasm1: 0.8, traffic1: 0.7, wasm2: 0.5, traffic2: 0.49 };

test.each([
  [
    "everything",
    { tftrain: 13.5, tfjs: 0.5, ...CORE },
    "27 times as fast as tf.train.rmsprop; 98% of what your memory allows.",
  ],
  ["no TensorFlow.js", CORE, "10 times as fast as a JavaScript loop; 98% of what your memory allows."],
  [
    "a step that took no longer than its limit",
    { loop: 5, wasm1: 0.4, traffic1: 0.5 },
    "13 times as fast as a JavaScript loop; 100% of what your memory allows.",
  ],
  [
    "no WebAssembly",
    { loop: 5, js: 14, copy: 0.5, webgpu: 1 },
    "Without WebAssembly, a step takes 28 times as long as your memory needs.",
  ],
  ["TensorFlow.js alone", { tftrain: 6, tfjs: 0.8 }, "7.5 times as fast as tf.train.rmsprop."],
])("of %s it says so", (_, times, headline) => {
  expect(verdictOf(measured(times), "your")?.headline).toBe(headline);
});

test("the numbers that it is made of are told", () => {
  const how = verdictOf(measured({ tftrain: 13.5, tfjs: 0.5, ...CORE }), "your")?.how;
  for (const time of ["0.50 ns", "13.50 ns", "0.49 ns"]) expect(how).toContain(`takes ${time} per parameter`);
});

test("another machine's memory is not called yours", () => {
  expect(verdictOf(measured(CORE), "its")?.headline).toContain("what its memory allows");
});

test("too little makes no sentence", () => {
  expect(verdictOf(measured({ loop: 5 }), "your")).toBeNull();
});
