// The numbers in the text of the page, computed when it is built: search engines and readers without script see them, too.
import { short } from "../explain/story/format.js";
import { exact, spacingAt } from "./float32.js";
import { momentsOf } from "./moments.js";
import { nanRuns } from "./runs.js";
import {
  ASKED,
  firstLost,
  GRADIENT,
  LEARNING_RATE,
  longest,
  NAN_INITIAL,
  type NanSettings,
  type NanStep,
  STEPS,
} from "./state.js";

/** Each number by the name that the text has for it. Throws an Error when the numbers no longer say what the text says. */
export function toldNumbers(): Readonly<Record<string, string>> {
  const runs = runsWith({});
  const lost = firstLost(runs.keras);
  const lostInTfjs = firstLost(runs.tfjs);
  const zero = momentsOf(runs.keras).find(({ title }) => title === "equal")?.step;
  if (lost === null || lostInTfjs === null || zero === undefined) throw new Error("nothing becomes NaN any more");
  const at = (step: number): NanStep => stepAt(runs.keras, step);
  const jump = Math.abs(stepAt(runs.rmsprop, lost).step);
  return {
    gradient: short(GRADIENT),
    steps: short(STEPS),
    learningRate: short(LEARNING_RATE),
    epsilon: exact(NAN_INITIAL.epsilon),
    lost: short(lost),
    lostInTfjs: short(lostInTfjs),
    stepInTfjs: exact(stepAt(runs.tfjs, lostInTfjs).step),
    zero: short(zero),
    before: short(zero - 1),
    meanSquare: exact(at(lost).meanSquare),
    squaredMean: exact(at(lost).squaredMean),
    mean: exact(at(lost).mean ?? Number.NaN),
    difference: short(at(lost).difference),
    differenceAtFirst: short(at(1).difference),
    differenceAt60: short(at(60).difference),
    differenceBefore: short(at(zero - 1).difference),
    spacing: short(spacingAt(at(lost).meanSquare)),
    jump: short(jump),
    jumpInRates: Math.round(jump / LEARNING_RATE).toLocaleString("en-US"),
    lostAt5: lostWith({ gradient: 5, rho: 0.5 }),
    lostAt7: lostWith({ gradient: 7, rho: 0.01 }),
    lostSmallInTfjs: short(firstLost(runsWith({ gradient: 1e-4 }).tfjs) ?? Number.NaN),
    longestAtEpsilon: short(longest(runsWith({ epsilon: 1e-3 }).keras)),
    longestAtOne: short(longest(runsWith({ epsilon: 1 }).keras)),
    longestClipped: short(longest(runsWith({ clipvalue: 1 }).keras)),
    longestClippedMore: short(longest(runsWith({ clipvalue: 0.01 }).keras)),
    longestPlain: short(longest(runsWith({ centered: false }).keras)),
    lastPlain: short(Math.abs(stepAt(runsWith({ centered: false }).keras, STEPS).step)),
  };
}

function runsWith(changed: Partial<NanSettings>) {
  return nanRuns({ ...NAN_INITIAL, ...ASKED, ...changed });
}

function lostWith(changed: Partial<NanSettings>): string {
  return short(firstLost(runsWith(changed).keras) ?? Number.NaN);
}

function stepAt(steps: readonly NanStep[], step: number): NanStep {
  const found = steps[step - 1];
  if (!found) throw new Error(`there is no step ${step}`);
  return found;
}

const MARK = /\{\{(\w+)\}\}/g;

/** The text with its numbers in place. Throws an Error that names a mark that has none. */
export function withNumbers(html: string): string {
  const numbers = toldNumbers();
  return html.replace(MARK, (_, name: string) => {
    const number = numbers[name];
    if (number === undefined || number === "NaN")
      throw new Error(`the text asks for a number that is not there: ${name}`);
    return number;
  });
}
