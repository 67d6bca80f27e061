// The bits of real Keras: every fixture on both engines, and a share of them with other forms of input.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fill, streamOf } from "./bits.js";
import { type Case, type ConstraintCase, loadFixtures, type ScheduleCase, sizeOf } from "./case.js";
import { compareElements, describeMismatch, distances } from "./compare.js";
import { constraintOf, ENGINES, type RunOptions, runsOnArrays, scheduleOf, tryCase } from "./run-case.js";
import { Tally } from "./tally.js";

const cases = ["planned", "random", "scales"].flatMap((name) => loadFixtures<Case>(name));
const tally = new Tally();

// Missing gradients are part of many cases; that they are warned of is tested elsewhere.
beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
  console.log(`\n${tally.table()}`);
});

/** A sentence, the cases it is about, and the form of the input. */
const SUITES: readonly (readonly [string, (testCase: Case, index: number) => boolean, Omit<RunOptions, "engine">])[] = [
  ["Variables", () => true, {}],
  ["plain arrays as variables", runsOnArrays, { variables: "array" }],
  ["gradients as numbers", (_, i) => i % 8 === 1, { gradients: "numbers" }],
  ["gradients as Variables", (_, i) => i % 8 === 2, { gradients: "Variable" }],
];

describe.each(ENGINES)("on engine %s", (engine) => {
  test.each(SUITES)("%s: every bit is that of Keras", (name, chosen, form) => {
    const failures = cases
      .filter(chosen)
      .flatMap((testCase) => tally.add(`${engine}, ${name}`, tryCase(testCase, { ...form, engine })));
    expect(failures.slice(0, 20).map(describeMismatch)).toEqual([]);
  });
});

test("every schedule is correctly rounded at every step, as Keras is wherever NumPy is", () => {
  const failures: string[] = [];
  let steps = 0;
  let unlike = 0;
  let ulp = 0;
  for (const { schedule, steps: at, keras, rounded } of loadFixtures<ScheduleCase>("schedules")) {
    const ours = scheduleOf(schedule);
    const values = Float32Array.from(at, (step) => ours.call(step));
    const mismatch = compareElements(schedule.class_name, rounded ?? keras, values);
    if (mismatch)
      failures.push(
        `${JSON.stringify(schedule.config)} at step ${at[mismatch.index ?? 0]}: ${mismatch.expected}, ours ${mismatch.received}`,
      );
    steps += at.length;
    const { differing, greatest } = distances(keras, values);
    unlike += differing;
    ulp = Math.max(ulp, greatest);
  }
  console.log(
    `schedules: ${steps} steps; Keras differs from its own formula in ${unlike} of them, by at most ${ulp} ulp, where NumPy's cos, log or pow is not correctly rounded`,
  );
  expect(failures.slice(0, 20)).toEqual([]);
});

test("every constraint gives the bits of Keras", () => {
  const fixtures = loadFixtures<ConstraintCase>("constraints");
  const failures = fixtures.flatMap(({ id, constraint, shape, dtype, regime, seed, result }) => {
    const value = fill(sizeOf(shape), dtype, regime, streamOf(seed, 0, 0));
    const before = value.slice();
    const mismatch = compareElements(
      `${constraint.class_name} ${JSON.stringify(constraint.config)} [${shape}]`,
      result,
      constraintOf(constraint).call(value, shape),
    );
    expect(value).toEqual(before);
    return mismatch ? [describeMismatch({ caseId: id, step: null, ...mismatch })] : [];
  });
  expect(failures.slice(0, 20)).toEqual([]);
});
