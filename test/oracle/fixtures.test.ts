// The bits of real Keras: every fixture on both engines, and in other forms of input. `npm test` runs some of them, most on
// one engine and in one form, and every feature; `npm run test:package` runs all.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { choice } from "../seed.js";
import { fill, streamOf } from "./bits.js";
import {
  byId,
  type Case,
  type ConstraintCase,
  choiceOf,
  loadFixtures,
  loadRuns,
  type ScheduleCase,
  sizeOf,
} from "./case.js";
import { compareElements, describeMismatch, distances } from "./compare.js";
import { constraintOf, ENGINES, type RunOptions, runsOnArrays, scheduleOf, tryCase } from "./run-case.js";
import { Tally } from "./tally.js";

const cases = loadRuns();
const tally = new Tally();

// Missing gradients are part of many cases; that they are warned of is tested elsewhere.
beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
  if (tally.cases > 0) console.log(`\n${tally.table()}`);
});

type Form = readonly [
  string,
  (testCase: Case, index: number) => boolean,
  Omit<RunOptions, "engine">,
  /** Of so many cases `npm test` runs one. */
  { readonly share: number; readonly choose: typeof choiceOf },
];

/** In which form the input comes, which cases can have it, how it is asked for, and what `npm test` runs. */
const FORMS: readonly Form[] = [
  // Each engine has a part of its own of them.
  ["over Variables", () => true, {}, { share: 20 * ENGINES.length, choose: choiceOf }],
  ["over plain arrays", runsOnArrays, { variables: "array" }, { share: 64, choose: choice }],
  [
    "over Variables, with gradients as numbers",
    (_, i) => i % 8 === 1,
    { gradients: "numbers" },
    { share: 8, choose: choice },
  ],
  [
    "over Variables, with gradients as Variables",
    (_, i) => i % 8 === 2,
    { gradients: "Variable" },
    { share: 8, choose: choice },
  ],
];

describe.each(ENGINES)("on engine %s", (engine) => {
  describe.each(FORMS)("%s", (form, fits, options, { share, choose }) => {
    test.each(byId(choose(cases.filter(fits), share, ENGINES.indexOf(engine))))(
      "the run %s has every bit of Keras",
      (_, testCase) => {
        const mismatches = tally.add(`${engine}, ${form}`, tryCase(testCase, { ...options, engine }));
        expect(mismatches.map(describeMismatch)).toEqual([]);
      },
    );
  });
});

const schedules = loadFixtures<ScheduleCase>("schedules").map((each, i) => ({ id: `schedule/${i}`, ...each }));

describe("a schedule is correctly rounded at every step, as Keras is wherever NumPy is", () => {
  let steps = 0;
  let unlike = 0;
  let ulp = 0;

  test.each(byId(schedules))("%s", (_, { schedule, steps: at, keras, rounded }) => {
    const ours = scheduleOf(schedule);
    const values = Float32Array.from(at, (step) => ours.call(step));
    const { class_name: name, config } = schedule;
    const mismatch = compareElements(`${name} ${JSON.stringify(config)}`, rounded ?? keras, values);
    expect(mismatch && { ...mismatch, step: at[mismatch.index ?? 0] }).toBeNull();
    steps += at.length;
    const { differing, greatest } = distances(keras, values);
    unlike += differing;
    ulp = Math.max(ulp, greatest);
  });

  afterAll(() => {
    if (steps === 0) return;
    const difference = `Keras differs from its own formula in ${unlike} of them, by at most ${ulp} ulp`;
    console.log(`schedules: ${steps} steps; ${difference}, where NumPy's cos, log or pow is not correctly rounded`);
  });
});

const constraints = loadFixtures<ConstraintCase>("constraints").map((each) => ({
  ...each,
  id: `constraint/${each.id}`,
}));

describe("a constraint gives the bits of Keras and leaves what it is given alone", () => {
  test.each(byId(constraints))("%s", (_, { constraint, shape, dtype, regime, seed, result }) => {
    const value = fill(sizeOf(shape), dtype, regime, streamOf(seed, 0, 0));
    const before = value.slice();
    const name = `${constraint.class_name} ${JSON.stringify(constraint.config)} [${shape}]`;
    expect(compareElements(name, result, constraintOf(constraint).call(value, shape))).toBeNull();
    expect(value).toEqual(before);
  });
});
