import { describe, expect, test } from "vitest";
import { pairwiseSum } from "./pairwise.js";

// Bits of np.sum(np.square(x)) by NumPy 2.4.6, where x[i] = (i * 7919 % 1013) / 1013 - 0.5: count, float32, float64.
const NUMPY: readonly (readonly [number, string, string])[] = [
  [0, "00000000", "0000000000000000"],
  [1, "3e800000", "3fd0000000000000"],
  [2, "3eb39267", "3fd6724ce68e802b"],
  [7, "3f422653", "3fe844ca5080c365"],
  [8, "3f4eb91f", "3fe9d723da30eafa"],
  [9, "3f4f1cc4", "3fe9e3987d8110bc"],
  [15, "3fa550ea", "3ff4aa1d199089a0"],
  [127, "412c30d5", "4025861ac5116d86"],
  [128, "412db1aa", "4025b63532a4383c"],
  [129, "412df087", "4025be10f7f36799"],
  [130, "412dfea8", "4025bfd529a916f0"],
  [1003, "42a77621", "4054eec42c47fd0f"],
  [8193, "442ab9c1", "4085573813f5b058"],
];

const number = (i: number): number => ((i * 7919) % 1013) / 1013 - 0.5;
const hex = (words: Uint32Array | BigUint64Array, digits: number): string =>
  `${words[0]?.toString(16).padStart(digits, "0")}`;

describe("pairwiseSum", () => {
  test.each(NUMPY)("adds %i numbers as NumPy does", (count, float32, float64) => {
    const single = pairwiseSum(Math.fround, (i) => Math.fround(Math.fround(number(i)) ** 2), count);
    const double = pairwiseSum(
      (x) => x,
      (i) => number(i) ** 2,
      count,
    );
    expect(hex(new Uint32Array(Float32Array.of(single).buffer), 8)).toBe(float32);
    expect(hex(new BigUint64Array(Float64Array.of(double).buffer), 16)).toBe(float64);
  });

  test("asks for each number once", () => {
    const asked = new Array<number>(1003).fill(0);
    pairwiseSum(
      Math.fround,
      (i) => {
        asked[i] = (asked[i] ?? 0) + 1;
        return i;
      },
      1003,
    );
    expect(asked.every((times) => times === 1)).toBe(true);
  });

  test("keeps a NaN", () => {
    expect(pairwiseSum(Math.fround, (i) => (i === 77 ? Number.NaN : 1), 300)).toBeNaN();
  });
});
