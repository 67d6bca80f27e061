// In steady state a step leaves hardly any garbage, and nothing that stays: measured in a process of its own, garbage.ts.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { withProgram } from "../child.js";
import { isWhole } from "../seed.js";
import type { Garbage } from "./garbage.js";

/** `npm run test:package` makes 100,000. */
const STEPS = isWhole ? 100_000 : 50_000;
/** What stays of a step would be an object of 16 bytes at least: code that is compiled meanwhile is far below that. */
const LEAST_KEPT = 8 * STEPS;
/** Objects that live for a call, unless the compiler does without them: so little is not worth a collection. */
const LITTLE_GARBAGE = 100 * STEPS;

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

beforeAll(async () => {
  // With so much room for what is young, all of it is counted before any of it is collected.
  const room = ["--min-semi-space-size=64", "--max-semi-space-size=64"];
  const program = fileURLToPath(new URL("./garbage.ts", import.meta.url));
  const printed = await withProgram(program, (path) =>
    execFileSync(process.execPath, ["--expose-gc", ...room, path, String(STEPS)], { encoding: "utf8" }),
  );
  measured = JSON.parse(printed) as Garbage[]; // garbage.ts prints them
  console.table(measured);
}, 120_000);

describe(`over ${STEPS} steps`, () => {
  test("nothing stays", () => {
    expect(measured.length).toBe(isWhole ? 12 : 5);
    expect(measured.filter(({ kept }) => kept >= LEAST_KEPT)).toEqual([]);
  });

  test("hardly anything is allocated: at most 100 bytes a step", () => {
    const clean = measured.filter(({ name }) => !(name in BYTES_PER_STEP));
    expect(clean.length).toBe(isWhole ? 9 : 2);
    expect(clean.filter(({ allocated, collections }) => allocated > LITTLE_GARBAGE || collections > 0)).toEqual([]);
  });

  test("a schedule and a global norm allocate their numbers besides", () => {
    for (const [name, bytes] of Object.entries(BYTES_PER_STEP)) {
      const row = measured.find((each) => each.name === name);
      expect(row?.allocated, name).toBeLessThanOrEqual(LITTLE_GARBAGE + STEPS * bytes);
    }
  });
});
