// How a slider's places become values: each is logarithmic in what matters, and stops at round numbers.
import type { SliderName } from "./state.js";

export interface Scale {
  /** Keras' name, and the letter in the formulas. */
  readonly keras: string;
  readonly letter: string;
  /** What it does, in a few words. */
  readonly about: string;
  /** Places are 0 to this. */
  readonly last: number;
  valueAt(place: number): number;
  placeOf(value: number): number;
}

const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** Powers of ten from 10^low on, so many places each. */
const powers = (low: number, high: number, perTen: number, digits: number) => ({
  last: (high - low) * perTen,
  valueAt: (place: number) => rounded(10 ** (low + place / perTen), digits),
  placeOf: (value: number) => Math.round((Math.log10(value) - low) * perTen),
});

/** From 0 towards 1: what is left to 1 becomes ten times smaller every so many places. */
const towardsOne = (tens: number, perTen: number, decimals: number) => ({
  last: tens * perTen,
  valueAt: (place: number) => Number((1 - 10 ** (-place / perTen)).toFixed(decimals)),
  placeOf: (value: number) => Math.round(-Math.log10(1 - value) * perTen),
});

export const SCALES: Readonly<Record<SliderName, Scale>> = {
  learningRate: {
    ...{ keras: "learning_rate", letter: "η", about: "How long a step is." },
    ...powers(-3, 0, 20, 2),
  },
  rho: { ...{ keras: "rho", letter: "ρ", about: "How long v remembers." }, ...towardsOne(3, 20, 3) },
  momentum: {
    ...{ keras: "momentum", letter: "μ", about: "Repeats part of each step." },
    ...towardsOne(2, 20, 2),
  },
  epsilon: {
    ...{ keras: "epsilon", letter: "ε", about: "Large: more like plain SGD." },
    ...powers(-10, 0, 2, 1),
  },
};
