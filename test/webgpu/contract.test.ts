// The contract of test/contract on a device: which suites run, as another project of the same command.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { NOT_ON_DEVICE, ON_DEVICE } from "./contract/suites.js";

test("every suite of the contract runs on a device, or has a reason why not", () => {
  const suites = readdirSync(fileURLToPath(new URL("../contract", import.meta.url)))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => name.replace(".test.ts", ""));
  expect([...Object.keys(ON_DEVICE), ...Object.keys(NOT_ON_DEVICE)].sort()).toEqual(suites.sort());
});
