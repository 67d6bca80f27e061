// What a case is: the JSON that draw.py and families.py make and run_keras.py completes with what Keras gave.
import { readFileSync } from "node:fs";
import { isWhole } from "../seed.js";
import type { DType } from "./bits.js";

/** A class and its arguments, as Keras writes them. */
export interface Serialized {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

interface VariableSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** The regime of the initial value. */
  readonly value: string;
  /** The regime of the gradients. */
  readonly gradient: string;
  /** The same gradient in every call. */
  readonly frozen?: boolean;
  readonly constraint?: Serialized;
  readonly overwrite?: boolean;
}

/** One call of apply, and what happens just before it (and, for `finalize`, after it). */
export interface StepSpec {
  /** The variables passed, by number and in this order; without it the optimizer's own list. */
  readonly use?: readonly number[];
  /** Those of them without a gradient. */
  readonly none?: readonly number[];
  /** Another regime for some gradients. */
  readonly regimes?: Readonly<Record<string, string>>;
  readonly learning_rate?: number;
  readonly schedule?: Serialized;
  /** Set all optimizer variables: these by name, the others from the random stream. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Go on with a new optimizer that has the configuration and the state of the old one. */
  readonly reload?: boolean;
  readonly finalize?: boolean;
}

/** What real Keras had in the end; arrays as bits.py encodes them. */
interface EndState {
  readonly variables: readonly string[];
  readonly optimizer: readonly string[];
  readonly paths: readonly string[];
  readonly iterations: number;
  readonly learning_rate: number;
}

/** The class of each kind, by the same name on every face. */
export const CLASS_NAMES = {
  rmsprop: "RMSprop",
  sgd: "SGD",
  adam: "Adam",
  adamw: "AdamW",
  lion: "Lion",
  adagrad: "Adagrad",
  adadelta: "Adadelta",
  adamax: "Adamax",
  nadam: "Nadam",
  ftrl: "Ftrl",
  schedule_free_adamw: "ScheduleFreeAdamW",
} as const;
export type ClassName = (typeof CLASS_NAMES)[keyof typeof CLASS_NAMES];

export interface Case {
  readonly id: string;
  readonly kind: keyof typeof CLASS_NAMES;
  readonly seed: number;
  readonly dtype: DType;
  /** Keras' config, without what is left at its default. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The learning rate is a function with these values, one for each call. */
  readonly callable?: readonly number[];
  /** The optimizer is wrapped in a LossScaleOptimizer. */
  readonly scale?: { readonly initial_scale: number; readonly dynamic_growth_steps: number; readonly name: string };
  readonly exclude?: { readonly variables?: readonly number[]; readonly names?: readonly string[] };
  readonly variables: readonly VariableSpec[];
  /** Built before the first call, not by it. */
  readonly build?: boolean;
  readonly mode?: "apply" | "pairs" | "stateless";
  readonly steps: readonly StepSpec[];
  /** After each call: the hash of all variables and all optimizer variables. */
  readonly hashes: readonly string[];
  readonly end: EndState;
  /** Centered: by variable, the elements that Keras has lost and the step from which on: `[step, element]`. */
  readonly lost?: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

export interface ScheduleCase {
  readonly schedule: Serialized;
  readonly steps: readonly number[];
  /** What Keras gave. */
  readonly keras: string;
  /** What Keras gives with cos, log and pow correctly rounded, where that differs. */
  readonly rounded?: string;
}

export interface ConstraintCase {
  readonly id: string;
  readonly constraint: Serialized;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly regime: string;
  readonly seed: number;
  readonly result: string;
}

/** The cases of a file in fixtures/; its first line is the header. */
export function loadFixtures<C>(name: string): C[] {
  const text = readFileSync(new URL(`./fixtures/${name}.jsonl`, import.meta.url), "utf8");
  const lines = text.trimEnd().split("\n").slice(1);
  // The fixtures are our own: make_fixtures.py writes them in this form.
  return lines.map((line) => JSON.parse(line) as C);
}

/** The runs of every optimizer. */
export const loadRuns = (): Case[] => RUNS.flatMap((name) => loadFixtures<Case>(name));
const RUNS = ["planned", "random", "scales", ...Object.keys(CLASS_NAMES).filter((kind) => kind !== "rmsprop")];

/** Every case where sweeps are made in whole; else every `share`-th, and the fewest besides that have what is missing. */
export function choiceOf(cases: readonly Case[], share: number, first = 0): Case[] {
  if (isWhole) return [...cases];
  const chosen = new Set(cases.filter((_, i) => i % share === first % share));
  const missing = new Set(cases.flatMap(featuresOf));
  const met = (testCase: Case): void => {
    for (const feature of featuresOf(testCase)) missing.delete(feature);
  };
  chosen.forEach(met);
  while (missing.size > 0) {
    const gains = cases.map((testCase) => new Set(featuresOf(testCase).filter((feature) => missing.has(feature))).size);
    const best = cases[gains.indexOf(Math.max(...gains))];
    if (best === undefined) break;
    chosen.add(best);
    met(best);
  }
  return cases.filter((testCase) => chosen.has(testCase));
}

/** What a case has: options of its optimizer, and what happens to it. */
function featuresOf(testCase: Case): string[] {
  const { kind, mode = "apply", dtype, config, steps } = testCase;
  const extras = Object.keys(testCase).filter((key) => EXTRAS.includes(key));
  const events = steps.flatMap((step) => Object.keys(step));
  return [kind, mode, dtype, ...Object.keys(config), ...extras, ...events];
}
const EXTRAS = ["callable", "scale", "exclude", "build", "lost"];

/** Cases by their names, for a test of each: `npm test -- -t "scaled/12 "` runs one alone. */
export function byId<C extends { readonly id: string }>(cases: readonly C[]): [string, C][] {
  return cases.map((testCase) => [testCase.id, testCase]);
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
