// Hostile objects as arguments of every entry: each call was refused and nothing changed, or it did what it says. `npm test`
// makes a choice of calls; `npm run test:package` makes 1,000 of the random ones.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { choice, isWhole } from "../seed.js";
import { ENTRIES } from "./hostile/entries.js";
import { ACTIONS } from "./hostile/scene.js";
import { TRICKS } from "./hostile/tricks.js";
import { programs, type Verdict, verdictOf } from "./hostile/verdict.js";
import { onEveryEngine } from "./support.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

// Memory that grows at every turn is slow.
const isGrowing = process.env.RMSPROP_TESTED === "wasm";
const PROGRAMS = isGrowing ? 104 : isWhole ? 1000 : 64;
const PLACES = isGrowing ? [0] : [0, 1, 2, 3];

onEveryEngine(() => {
  test(`${PROGRAMS} random calls with hostile arguments were refused and changed nothing, or did what they say`, () => {
    const counts: Partial<Record<Verdict["outcome"] | "acted", number>> = {};
    const problems: string[] = [];
    for (const program of programs(20_260, PROGRAMS)) {
      const { outcome, acted, problem } = verdictOf(program);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      if (acted) counts.acted = (counts.acted ?? 0) + 1;
      if (problem !== null) problems.push(problem);
    }
    expect(problems).toEqual([]);
    // Nothing is shown by calls that are all refused, or by tricks that nobody falls for.
    expect(counts["did what it says"]).toBeGreaterThan(PROGRAMS / 4);
    expect(counts["was refused"]).toBeGreaterThan(PROGRAMS / 10);
    expect(counts.acted).toBeGreaterThan(PROGRAMS / 20);
  });

  test.each(Object.keys(ENTRIES))("%s with each trick", (entry) => {
    const setting = { scaled: false, steps: 0, options: 1 };
    const found = Object.keys(TRICKS).flatMap((trick, i) => {
      const action = Object.keys(ACTIONS)[i % Object.keys(ACTIONS).length] ?? null;
      const places = choice(PLACES, PLACES.length, i);
      return places.map((place) => verdictOf({ entry, setting, trick, place, action }));
    });
    expect(found.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    expect(found.some(({ outcome }) => outcome === "did what it says")).toBe(true);
  });
});
