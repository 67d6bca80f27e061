// The steps at which something happens to the difference, found in the numbers, and what a step means in a sentence.
import { short } from "../explain/story/format.js";
import { exact, numbersBetween } from "./float32.js";
import { LEARNING_RATE, type NanRuns, type NanStep, WHOS } from "./state.js";

export interface Moment {
  readonly step: number;
  readonly title: string;
}

/** What each of the three is called. */
const NAMES = { keras: "Keras", tfjs: "tf.train.rmsprop", rmsprop: "this package" } as const;

export function momentsOf(steps: readonly NanStep[]): readonly Moment[] {
  const zero = stepOf(steps, ({ difference }) => difference <= 0);
  const below = stepOf(steps, ({ difference }) => difference < 0);
  const found = [
    { step: stepOf(steps, () => true), title: "v is far above m²" },
    { step: stepOf(steps, (step) => step.difference < step.meanSquare / 100), title: "less than 1% apart" },
    { step: zero === null ? null : zero - 1, title: "a few float32 numbers apart" },
    { step: zero, title: zero === below ? "below zero" : "equal" },
    { step: below === zero ? null : below, title: "below zero" },
  ];
  return found.flatMap(({ step, title }) => (step === null ? [] : [{ step, title }]));
}

function stepOf(steps: readonly NanStep[], holds: (step: NanStep) => boolean): number | null {
  const i = steps.findIndex((step) => step.mean !== null && holds(step));
  return i < 0 ? null : i + 1;
}

/** How far v is from m², in words. */
export function distanceOf({ mean, meanSquare, squaredMean }: NanStep): string {
  if (mean === null) return "Without centered nothing is subtracted from v: the root is taken of v + ε.";
  const between = numbersBetween(meanSquare, squaredMean);
  if (between === 0) return "v and m² are the same float32 number: nothing is left of the difference.";
  const many = Math.abs(between).toLocaleString("en-US");
  const numbers = `${many} float32 ${many === "1" ? "number" : "numbers"}`;
  if (between > 0) return `v is ${numbers} above m².`;
  return `m² has been rounded to ${numbers} above v: a negative variance.`;
}

/** What the three make of it. */
export function outcomeOf(runs: NanRuns, step: number): string {
  const at = (who: (typeof WHOS)[number]): NanStep | undefined => runs[who][step - 1];
  const lost = WHOS.filter((who) => !Number.isFinite(at(who)?.step));
  const own = Math.abs(at("rmsprop")?.step ?? Number.NaN);
  const rates = Math.round(own / LEARNING_RATE).toLocaleString("en-US");
  const jump = own > 2 * LEARNING_RATE ? `${rates} times the learning rate` : "about the learning rate";
  if (lost.length === 0) return `All three are finite. The step of this package is ${short(own)}, ${jump}.`;
  const names = lost.map((who) => `${NAMES[who]} gives ${exact(at(who)?.step ?? Number.NaN)}`).join(", ");
  return `${names}. This package divides by √ε and stays finite, but its step is ${short(own)}, ${jump}.`;
}
