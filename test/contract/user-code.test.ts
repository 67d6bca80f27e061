// Code of the user's that runs in the midst of a call - a learning rate, a loss, a constraint, a getter - and disposes,
// transfers, steps or throws there. Either the call is refused and nothing but that has changed, or it did what it says.
// `RMSPROP_PROGRAMS=20000 npx vitest run test/contract/user-code.test.ts` draws so many programs.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRandom } from "../../examples/shared/random.js";
import { choice, isWhole, SEED } from "../seed.js";
import { ENGINES } from "./support.js";
import { ACT_NAMES, type Outcome, PLACE_NAMES, type Program, run } from "./user-code.js";

// Memory that grows at every turn is slow.
const DRAWN = Number(process.env.RMSPROP_PROGRAMS ?? 0) / (process.env.RMSPROP_TESTED === "wasm" ? 20 : 1);

/** How often each is tried, with other numbers; `npm run test:random` and `npm run test:package` try four times. */
const TIMES = isWhole ? 4 : 1;

/** What may be said, by the optimizer or by the code of the user's. */
const WORDS = /^((RMSprop|Asks|LossScaleOptimizer|Variable): |the code of the user is broken)/;

/** What the code wants to change while it is not its turn. */
const NEVER_WITHIN = [
  ...["make a step", "make a step by minimize", "set weights", "dispose of the optimizer"],
  ...["finalize", "show averages", "step statelessly"],
];

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

function expectSound(program: Program, { refusal, refusedWithin, own, twin }: Outcome): void {
  const about = JSON.stringify(program);
  expect(own, about).toEqual(twin);
  for (const error of [refusal, refusedWithin]) {
    if (error !== null) expect((error as Error).message, about).toMatch(WORDS);
  }
}

describe.each(ENGINES)("on engine %s", (engine) => {
  describe.each(PLACE_NAMES)("%s", (place) => {
    // In `npm test` half of them on each engine.
    const acts = choice(ACT_NAMES, ENGINES.length, ENGINES.indexOf(engine) + PLACE_NAMES.indexOf(place));
    test.each(acts)("that would %s changes nothing it should not", async (act) => {
      for (let seed = 0; seed < TIMES; seed++) {
        const program = { engine: engine as Program["engine"], place, act, seed };
        expectSound(program, await run(program));
      }
    });
  });
});

test.each(NEVER_WITHIN)("within a learning rate, to %s is refused with a reason", async (act) => {
  for (let seed = 0; seed < 2 * TIMES; seed++) {
    const { refusal, refusedWithin } = await run({ engine: "js", place: "the learning rate", act, seed });
    expect(refusal).toBeNull();
    expect(String(refusedWithin)).toMatch(/^StateError: \w+: a step is being made/);
  }
});

test.runIf(DRAWN > 0)(`${DRAWN} programs drawn from seed ${SEED}`, { timeout: 600_000 }, async () => {
  const random = createRandom(SEED);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let i = 0; i < DRAWN; i++) {
    const program = {
      engine: one(ENGINES) as Program["engine"],
      place: one(PLACE_NAMES),
      act: one(ACT_NAMES),
      seed: Math.floor(random() * 2 ** 31),
    };
    expectSound(program, await run(program));
  }
});
