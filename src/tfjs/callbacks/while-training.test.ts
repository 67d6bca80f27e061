// The end of a fit, also where two copies of this package wait for it.
import { expect, test, vi } from "vitest";
import { isTraining, whenFitEnds } from "./while-training.js";

/** All that is asked of a model. */
const modelInFit = (): object => ({ isTraining: true });

test("whoever waits is called once, the last one first, and the field is a plain one again", () => {
  const model = modelInFit();
  const calls: number[] = [];
  for (const call of [1, 2]) expect(whenFitEnds(model, () => void calls.push(call))).toBe(true);
  expect(isTraining(model)).toBe(true);
  for (let time = 0; time < 2; time++) Reflect.set(model, "isTraining", false);
  expect(calls).toEqual([2, 1]);
  expect(Object.getOwnPropertyDescriptor(model, "isTraining")).toMatchObject({ value: false, writable: true });
  expect(whenFitEnds(model, () => void calls.push(3))).toBe(false);
});

test("another copy of this package is told, too", async () => {
  vi.resetModules();
  const other = await import("./while-training.js");
  expect(other.whenFitEnds).not.toBe(whenFitEnds);
  const model = modelInFit();
  const calls: string[] = [];
  whenFitEnds(model, () => void calls.push("ours"));
  other.whenFitEnds(model, () => void calls.push("theirs"));
  Reflect.set(model, "isTraining", false);
  expect(calls.sort()).toEqual(["ours", "theirs"]);
  expect(Object.getOwnPropertyDescriptor(model, "isTraining")).toMatchObject({ value: false, writable: true });
});
