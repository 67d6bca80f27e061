// What is dropped without dispose() gives its memory back, whatever read its state before: measured in a process of its own,
// dropped.ts.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withProgram } from "../child.js";
import type { Left } from "./dropped.js";

test("reading the state of optimizers and variables does not keep them from being collected", async () => {
  const program = fileURLToPath(new URL("./dropped.ts", import.meta.url));
  const printed = await withProgram(program, (path) =>
    execFileSync(process.execPath, ["--expose-gc", path], { encoding: "utf8" }),
  );
  const left = JSON.parse(printed) as Left[]; // dropped.ts prints them
  console.table(left);
  expect(left.length).toBeGreaterThan(10);
  // 6 times a slot of 200,000 bytes would be 1.2 MB, and there are three of them.
  expect(left.filter(({ bytes }) => bytes > 2 ** 20)).toEqual([]);
}, 60_000);
