// Keras' own results, written as NumPy prints them: the shortest text of each float32.
import { expect } from "vitest";

/** Compares every bit with Keras' float32 numbers. */
export function expectGolden(values: ArrayLike<number>, golden: readonly number[]): void {
  expect(Array.from(values)).toEqual([...Float32Array.from(golden)]);
}
