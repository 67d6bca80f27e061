// In steady state a step leaves no garbage, let alone anything that stays: measured in a process of its own, garbage.ts.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Garbage } from "./garbage.js";

const STEPS = 100_000;
/** The smallest object has 16 bytes: one for each step is far beyond this, code that is compiled meanwhile is below it. */
const LEAST_GARBAGE = 8 * STEPS;

/**
 * Numbers that functions hand to one another, which may be objects of 16 bytes each: what a schedule computes with, and the
 * sums of the variables that a global norm adds up. Whether they are is up to the compiler.
 */
const BYTES_PER_STEP: Readonly<Record<string, number>> = {
  "a schedule": 6 * 16,
  globalClipnorm: 6 * 16,
  everything: 12 * 16,
};

let measured: readonly Garbage[] = [];

beforeAll(() => {
  const at = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
  // The built package is found by its name, the sources by the paths of tsconfig.json.
  const built = process.env.RMSPROP_DIST === "1";
  const env = { ...process.env, TSX_TSCONFIG_PATH: at(built ? "../../tsconfig.build.json" : "../../tsconfig.json") };
  const parameters = ["--expose-gc", "--import", "tsx", at("garbage.ts"), String(STEPS)];
  const printed = execFileSync(process.execPath, parameters, { cwd: at("../.."), env, encoding: "utf8" });
  measured = JSON.parse(printed) as Garbage[]; // garbage.ts prints them
  console.table(measured);
}, 120_000);

describe(`over ${STEPS} steps`, () => {
  test("nothing stays", () => {
    expect(measured.length).toBeGreaterThan(10);
    expect(measured.filter(({ kept }) => kept >= LEAST_GARBAGE)).toEqual([]);
  });

  test("nothing is allocated, so that nothing is collected", () => {
    const clean = measured.filter(({ name }) => !(name in BYTES_PER_STEP));
    expect(clean.length).toBe(9);
    expect(clean.filter(({ allocated, collections }) => allocated >= LEAST_GARBAGE || collections > 0)).toEqual([]);
  });

  test("a schedule and a global norm allocate their numbers at most", () => {
    for (const [name, bytes] of Object.entries(BYTES_PER_STEP)) {
      const row = measured.find((each) => each.name === name);
      // One takes place whenever a semi-space of a megabyte or more is full.
      const most = Math.ceil((STEPS * bytes) / 2 ** 20) + 1;
      expect(row?.collections, name).toBeLessThanOrEqual(most);
    }
  });
});
