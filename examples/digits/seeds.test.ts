// What ten seeds say: the result that is kept is of today's settings, and the sentences follow from its numbers.
import { describe, expect, it } from "vitest";
import { BEST_CONSTANT_RATE, EXTRAS_IN_WORDS, withExtras } from "./extras.js";
import { parseOptions } from "./options.js";
import { ARMS, gainInWords, leadOver, readResult, resultOf, scoresInWords, type Trial } from "./result.js";
import { summaryOf } from "./statistics.js";

const stored = readResult();

describe("the result that is kept", () => {
  it("has ten seeds, each with the scores of all settings", () => {
    expect(stored.trials.map(({ seed }) => seed)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { accuracy, loss } of stored.trials.flatMap((trial) => ARMS.map((arm) => trial[arm]))) {
      // 360 digits are held out.
      expect(Math.abs(360 * accuracy - Math.round(360 * accuracy))).toBeLessThan(1e-3);
      expect(loss).toBeGreaterThan(0);
    }
  });

  it("was made with the settings of today: npm run start:seeds makes it again", () => {
    expect(stored.settings).toEqual(resultOf([]).settings);
  });

  it("is what the sentence says", () => {
    const sentence = scoresInWords(stored);
    for (const arm of ARMS) {
      const { mean, deviation } = summaryOf(stored.trials.map((trial) => 100 * trial[arm].accuracy));
      expect(sentence).toContain(`${mean.toFixed(1)}% ± ${deviation.toFixed(1)} `);
    }
  });
});

describe("the sentences", () => {
  const better = resultOf([trialOf(0, 0.9, 0.92, 0.94), trialOf(1, 0.92, 0.92, 0.96)]);

  it("give means and standard deviations", () => {
    expect(scoresInWords(better)).toBe(
      `Held-out accuracy over 2 seeds (npm run start:seeds), mean ± standard deviation: 91.0% ± 1.4 with the defaults, ` +
        `92.0% ± 0.0 at the best constant learning rate (${BEST_CONSTANT_RATE}), 95.0% ± 1.4 with ${EXTRAS_IN_WORDS}. ` +
        "Held-out loss in the same order: 0.100, 0.100, 0.100.",
    );
  });

  it.each([
    ["a gain", [0.9, 0.92], [0.94, 0.96], "4.0 ± 0.0 points higher than"],
    ["a loss", [0.92, 0.91], [0.9, 0.9], "1.5 ± 0.7 points lower than"],
    ["what chance may have made", [0.9, 0.92], [0.91, 0.92], "0.5 ± 0.7 points higher (within chance) than"],
  ])("call %s by its name", (_case, before, after, expected) => {
    const trials = before.map((accuracy, seed) => trialOf(seed, accuracy, accuracy, after[seed] ?? 0));
    expect(gainInWords(resultOf(trials))).toContain(`${expected} with the defaults, and ${expected} at the best`);
  });

  it("compare seed by seed", () => {
    expect(leadOver(better, "defaults").deviation).toBeCloseTo(0);
    expect(leadOver(better, "defaults").mean).toBeCloseTo(4);
  });
});

describe("the extras", () => {
  it("take the place of defaults, and of nothing that was passed", () => {
    const { rmsprop, schedule } = withExtras(parseOptions(["--weight-decay", "0.7", "--momentum", "0.5"]));
    expect(rmsprop).toMatchObject({ weightDecay: 0.7, momentum: 0.5, useEma: true });
    expect(schedule).toBe("cosine");
  });
});

function trialOf(seed: number, defaults: number, bestRate: number, extended: number): Trial {
  const scoreOf = (accuracy: number) => ({ accuracy, loss: 0.1 });
  return { seed, defaults: scoreOf(defaults), bestRate: scoreOf(bestRate), extended: scoreOf(extended) };
}
