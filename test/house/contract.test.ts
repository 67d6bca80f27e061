// The suites of test/contract, and where they run besides core: each is in a list, or says why it is not.
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { NOT_ON_GROWING_MEMORY, ON_GROWING_MEMORY } from "../contract/growing/suites.js";
import { NOT_ON_DEVICE, ON_DEVICE } from "../webgpu/contract/suites.js";

const SUITES = readdirSync(new URL("../contract", import.meta.url))
  .flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? [])
  .sort();

test("every suite runs on memory that grows, or has a reason why not", () => {
  expect([...ON_GROWING_MEMORY, ...Object.keys(NOT_ON_GROWING_MEMORY)].sort()).toEqual(SUITES);
});

test("every suite runs on a device, or has a reason why not", () => {
  expect([...Object.keys(ON_DEVICE), ...Object.keys(NOT_ON_DEVICE)].sort()).toEqual(SUITES);
});
