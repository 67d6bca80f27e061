// Config and counters -> the scalars of one step. The only place where a hyper-parameter is rounded.
import type { DType } from "./plan.js";

/** Rounds a number to a variable's type. */
export const ROUND: Readonly<Record<DType, (value: number) => number>> = {
  float32: Math.fround,
  float64: (value) => value,
};

/** The hyper-parameters that stages use, as the user gave them. */
export interface StageConfig {
  readonly weightDecay: number | null;
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
  readonly emaMomentum: number;
  readonly gradientAccumulationSteps: number | null;
}

/** What changes from step to step. */
export interface StepState {
  readonly learningRate: number;
  /** Updates made so far: Keras' `iterations`. */
  readonly iterations: number;
  readonly lossScale: number | null;
}

/** Every scalar of a step by name, rounded. */
export type ScalarValues = Record<string, number>;

/** The scalars that stay the same for a run. */
export function fixedScalars(dtype: DType, config: StageConfig, own: Readonly<Record<string, number>>): ScalarValues {
  const clipvalue = config.clipvalue ?? 0;
  const clip = config.globalClipnorm ?? 0;
  return roundAll(ROUND[dtype], {
    ...own,
    weightDecay: config.weightDecay ?? 0,
    clipnorm: config.clipnorm ?? 0,
    clipvalue,
    minusClipvalue: -clipvalue,
    globalClipnorm: clip,
    inverseGlobalClipnorm: 1 / clip,
    accumulationSteps: config.gradientAccumulationSteps ?? 0,
    learningRate: 0,
    lossScale: 1,
    emaMomentum: 0,
    oneMinusEmaMomentum: 1,
  });
}

/** Brings the scalars that change up to date, in place. */
export function refreshScalars(values: ScalarValues, dtype: DType, config: StageConfig, state: StepState): void {
  const round = ROUND[dtype];
  // Keras multiplies by 0 until the first update is done, so the first average is the variable itself.
  const emaMomentum = state.iterations === 0 ? 0 : round(config.emaMomentum);
  values.learningRate = round(state.learningRate);
  values.lossScale = round(state.lossScale ?? 1);
  values.emaMomentum = emaMomentum;
  values.oneMinusEmaMomentum = round(1 - emaMomentum);
}

/** The same names, each number rounded. */
export function roundAll(round: (value: number) => number, values: Readonly<Record<string, number>>): ScalarValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value)]));
}
