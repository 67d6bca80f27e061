// Parts of a variable's memory, kept by those who do not keep the variable: nothing may be put under them.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type FloatArray, setEngine, Variable } from "rmsprop";
import { expect, test } from "vitest";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const PARTS: readonly (readonly [string, (view: FloatArray) => ArrayLike<number>])[] = [
  ["a subarray", (view) => view.subarray(0, 10)],
  ["another array over the same buffer", (view) => new Float32Array(view.buffer, view.byteOffset, 10)],
];

test.each(PARTS)("%s of a view keeps the memory under it", async (_, partOf) => {
  setEngine("wasm");
  const parts = Array.from({ length: 20 }, (_, i) => partOf(new Variable(new Float32Array(1000).fill(i + 1)).value));
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
  const others = Array.from({ length: 20 }, () => new Variable(new Float32Array(1000).fill(-7)));
  expect(others).toHaveLength(20);
  expect(parts.map((part) => part[0])).toEqual(parts.map((_, i) => i + 1));
});
