// Without the optional package: files are read and written all the same, and what takes it says so.
import { Variable } from "rmsprop";
import { readKeras, writeWeights } from "rmsprop/keras";
import { expect, test, vi } from "vitest";
import { fixture } from "./expected.js";

vi.mock("h5wasm", () => {
  throw new Error("Cannot find package 'h5wasm'");
});

test("reads and writes a .keras file as Keras writes it", async () => {
  const file = await readKeras(fixture("tensorflow-plain.keras"));
  expect([file.optimizer?.iterations, file.notes]).toEqual([3, []]);
  const again = await readKeras(await file.toBytes());
  expect(again.weights.map(({ value }) => [...value])).toEqual(file.weights.map(({ value }) => [...value]));
});

test("reads and writes a .weights.h5 file", async () => {
  const bytes = fixture("tensorflow-plain.weights.h5");
  const file = await readKeras(bytes);
  expect(Buffer.compare(await file.toBytes(), bytes)).toBe(0);
  expect(file.notes).toEqual([]);
});

test("says when it begins to read that slots which are not there yet take a fresh file", async () => {
  const { notes } = await readKeras(fixture("tensorflow-untrained.keras"));
  expect(notes).toEqual([expect.stringMatching(/^toBytes\(\) will fail: .+ npm install h5wasm\.$/)]);
});

test("unpacks", async () => {
  expect((await readKeras(fixture("h5py-packed.weights.h5"))).weights).toHaveLength(2);
});

test("says which package a fresh file takes", async () => {
  const layers = [{ className: "Dense", weights: [new Variable([1])] }];
  await expect(writeWeights({ layers })).rejects.toThrow(/takes the package h5wasm.*Run npm install h5wasm/);
});
