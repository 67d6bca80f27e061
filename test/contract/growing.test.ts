// Every suite of the contract runs on memory that grows, or says why it does not; and there memory does grow.
import { readdirSync } from "node:fs";
import { setEngine, Variable } from "rmsprop";
import { expect, test } from "vitest";
import { NOT_ON_GROWING_MEMORY, ON_GROWING_MEMORY } from "./growing/suites.js";

test("every suite of the contract is in one of both lists", () => {
  const files = readdirSync(new URL(".", import.meta.url)).flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? []);
  expect([...ON_GROWING_MEMORY, ...Object.keys(NOT_ON_GROWING_MEMORY)].sort()).toEqual(files.sort());
});

test("a view that is kept is gone after the next call, but only there", () => {
  setEngine("wasm");
  const variable = new Variable([1, 2, 3]);
  const { value } = variable;
  variable.assign([4, 5, 6]);
  expect(value.length).toBe(process.env.RMSPROP_TESTED === "wasm" ? 0 : 3);
  expect([...variable.value]).toEqual([4, 5, 6]);
});
