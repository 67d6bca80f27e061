import { expect, test } from "vitest";
import { arrays, core, tensors } from "./faces.js";

/** Yogi in double, as its paper has it. */
function inDouble(): number[] {
  let [x, m, v] = [10, 0, 1e-6];
  return Array.from({ length: 5 }, (_, t) => {
    m += (x - m) * 0.1;
    v -= 0.001 * Math.sign(v - x * x) * x * x;
    x -= m / (1 - 0.9 ** (t + 1)) / (Math.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-3);
    return x;
  });
}

test("Yogi goes the way of its paper on core, TensorFlow.js and jax-js, with the same bits", async () => {
  const path = core();
  inDouble().forEach((x, i) => {
    expect(path[i]).toBeCloseTo(x, 4);
  });
  expect(tensors()).toEqual(path);
  expect(await arrays()).toEqual(path);
});
