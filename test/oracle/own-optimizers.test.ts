// Optimizers of one's own: Lion and AdamW of examples/optimizers against those of real Keras, on both engines.
import { expect, test } from "vitest";
import { AdamW } from "../../examples/optimizers/adamw.js";
import { Lion } from "../../examples/optimizers/lion.js";
import { type Case, loadFixtures } from "./case.js";
import { describeMismatch, distances } from "./compare.js";
import { ENGINES, type OptimizerClass, runCase, tryCase } from "./run-case.js";
import { Tally } from "./tally.js";

/**
 * AdamW's bias correction is a power. Ours is correctly rounded and equals Keras with such powers in every bit. NumPy's
 * float32 `power` is off by one ulp in 0.1% of arguments, none of which these cases meet; double powers of two libraries
 * differ in the last place, which near zero grows: hence a bound. Keras lists Adam's two slots by variable, we by slot.
 */
const ADAMW_ULP = { float32: 0, float64: 64 } as const;

const casesOf = (kind: Case["kind"]): Case[] =>
  loadFixtures<Case>("own-optimizers").filter((testCase) => testCase.kind === kind);
const lion = Lion as unknown as OptimizerClass;
const adamw = AdamW as unknown as OptimizerClass;

test.each(ENGINES)("Lion equals Keras in every bit (%s)", (engine) => {
  const tally = new Tally();
  const failures = casesOf("lion").flatMap((testCase) =>
    tally.add(`Lion, ${engine}`, tryCase(testCase, { engine }, lion)),
  );
  console.log(tally.table());
  expect(failures.slice(0, 20).map(describeMismatch)).toEqual([]);
});

test.each(ENGINES)("AdamW equals Keras with correctly rounded powers in every bit (%s)", (engine) => {
  const tally = new Tally();
  const failures = casesOf("adamw").flatMap((testCase) =>
    testCase.rounded
      ? tally.add(`AdamW, ${engine}`, tryCase({ ...testCase, ...testCase.rounded }, { engine, byPath: true }, adamw))
      : [],
  );
  console.log(tally.table());
  expect(failures.slice(0, 20).map(describeMismatch)).toEqual([]);
});

test.each(ENGINES)("AdamW is within a few ulp of Keras with NumPy's powers (%s)", (engine) => {
  const worst = { float32: 0, float64: 0 };
  const different = { float32: 0, float64: 0 };
  for (const testCase of casesOf("adamw")) {
    const { arrays } = runCase(testCase, { engine, byPath: true }, adamw);
    const expected = [...testCase.end.variables, ...testCase.end.optimizer];
    const found = arrays.map(({ value }, i) => distances(expected[i] ?? "", value));
    worst[testCase.dtype] = Math.max(worst[testCase.dtype], ...found.map(({ greatest }) => greatest));
    different[testCase.dtype] += found.reduce((sum, { differing }) => sum + differing, 0);
  }
  console.log(
    `AdamW, ${engine}: at most ${worst.float32} ulp in float32 (${different.float32} elements differ), ${worst.float64} in float64 (${different.float64})`,
  );
  expect(worst.float32).toBeLessThanOrEqual(ADAMW_ULP.float32);
  expect(worst.float64).toBeLessThanOrEqual(ADAMW_ULP.float64);
});
