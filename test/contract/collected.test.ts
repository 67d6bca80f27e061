// Memory of objects that nobody disposed of: it comes back when they are collected.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { RMSprop, setEngine, Variable } from "rmsprop";
import { expect, test } from "vitest";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const LENGTH = 250_000;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
}

test("variables and optimizers that were dropped give their memory back", async () => {
  setEngine("wasm");
  const use = () =>
    new RMSprop({ centered: true }).apply([new Float32Array(LENGTH).fill(1)], [new Variable(new Float32Array(LENGTH))]);
  use();
  await collected();
  const before = new Variable([0]).value.buffer.byteLength;
  for (let i = 0; i < 40; i++) {
    use();
    if (i % 2 === 1) await collected();
  }
  // 40 times a variable, two slots and a gradient of a megabyte each would be 120 MB.
  expect(new Variable([0]).value.buffer.byteLength - before).toBeLessThan(16 * 2 ** 20);
});

test("a view keeps the memory under it", async () => {
  setEngine("wasm");
  const view = new Variable(new Float32Array(LENGTH).fill(7)).value;
  await collected();
  const others = Array.from({ length: 8 }, () => new Variable(new Float32Array(LENGTH).fill(1)));
  expect(others.length).toBe(8);
  expect(view.every((value) => value === 7)).toBe(true);
});
