// Without the optional packages: files as Keras writes them are read all the same, and what takes one says so.
import { Variable } from "rmsprop";
import { KerasFileError, readKeras, writeWeights } from "rmsprop/keras";
import { expect, test, vi } from "vitest";
import { fixture } from "./expected.js";

vi.mock("fflate", () => {
  throw new Error("Cannot find package 'fflate'");
});
vi.mock("h5wasm", () => {
  throw new Error("Cannot find package 'h5wasm'");
});

test("reads a .keras file as Keras writes it, and says what writing it takes", async () => {
  const file = await readKeras(fixture("tensorflow-plain.keras"));
  expect(file.optimizer?.iterations).toBe(3);
  expect(file.notes).toEqual([expect.stringMatching(/^toBytes\(\) will fail: .+ npm install fflate\.$/)]);
  await expect(file.toBytes()).rejects.toThrow(/takes the package fflate.*Run npm install fflate/);
});

test("reads and writes a .weights.h5 file", async () => {
  const bytes = fixture("tensorflow-plain.weights.h5");
  const file = await readKeras(bytes);
  expect(Buffer.compare(await file.toBytes(), bytes)).toBe(0);
  expect(file.notes).toEqual([]);
});

test("says when it begins to read that slots which are not there yet take a fresh file", async () => {
  const { notes } = await readKeras(fixture("tensorflow-untrained.keras"));
  expect(notes.join("\n")).toMatch(/npm install fflate\..*\n.*npm install h5wasm\.$/s);
});

test("unpacks on Node without a package, and says elsewhere which one it takes", async () => {
  expect((await readKeras(fixture("h5py-packed.weights.h5"))).weights).toHaveLength(2);
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  const error = await readKeras(fixture("h5py-packed.weights.h5")).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KerasFileError);
  expect(error).toMatchObject({ problem: "package", message: expect.stringMatching(/npm install fflate/) });
  vi.restoreAllMocks();
});

test("says which package a fresh file takes", async () => {
  const layers = [{ className: "Dense", weights: [new Variable([1])] }];
  await expect(writeWeights({ layers })).rejects.toThrow(/takes the package h5wasm.*Run npm install h5wasm/);
});
