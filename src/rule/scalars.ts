// Config and counters -> the scalars of one step. The only place where a hyper-parameter is rounded.
//
// Most of them round to the variable's type. What Keras passes through `ops.cast` - learning rate and weight decay - is a
// float32 tensor on the way, in TensorFlow, which is the reference for float64: so a float64 variable gets the float32 number.
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

/** Every scalar of a step by name, rounded. */
export class ScalarValues {
  /**
   * All of them in one array of their type, which rounds what is stored: reading and changing numbers there allocates
   * nothing, while a number that a function returns may become an object.
   */
  readonly numbers: Float32Array | Float64Array;
  readonly #indices: ReadonlyMap<string, number>;

  /** Names that are given a number later stand in `later`. */
  constructor(dtype: DType, values: Readonly<Record<string, number>>, later: readonly string[] = []) {
    const names = [...new Set([...Object.keys(values), ...later])];
    const numbers = names.map((name) => values[name] ?? Number.NaN);
    this.#indices = new Map(names.map((name, i) => [name, i]));
    this.numbers = dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
  }

  /** Where a name stands in `numbers`, -1 for one that is not there. */
  indexOf(name: string): number {
    return this.#indices.get(name) ?? -1;
  }

  /** NaN for a name that has no number. */
  get(name: string): number {
    const index = this.indexOf(name);
    return index < 0 ? Number.NaN : (this.numbers[index] as number); // its place
  }

  /** Rounds the number; passes over names that are not there. */
  set(name: string, value: number): void {
    const index = this.indexOf(name);
    if (index >= 0) this.numbers[index] = value;
  }
}

/** The scalars of a run, and room for those of each step. */
export function scalarsOf(
  dtype: DType,
  config: StageConfig,
  own: Readonly<Record<string, number>>,
  perStep: readonly string[],
): ScalarValues {
  const clipvalue = config.clipvalue ?? 0;
  const clip = config.globalClipnorm ?? 0;
  const fixed = {
    ...own,
    weightDecay: Math.fround(config.weightDecay ?? 0),
    clipnorm: config.clipnorm ?? 0,
    clipvalue,
    minusClipvalue: -clipvalue,
    globalClipnorm: clip,
    inverseGlobalClipnorm: 1 / clip,
    accumulationSteps: config.gradientAccumulationSteps ?? 0,
  };
  return new ScalarValues(dtype, fixed, [...CHANGING, ...perStep]);
}

const CHANGING = ["learningRate", "lossScale", "emaMomentum", "oneMinusEmaMomentum"];

/** Brings the scalars that change up to date, in place; `iterations` are the updates made so far. */
export function refreshScalars(
  values: ScalarValues,
  config: StageConfig,
  learningRate: number,
  iterations: number,
): void {
  values.set("learningRate", Math.fround(learningRate));
  // Keras multiplies by 0 until the first update is done, so the first average is the variable itself.
  values.set("emaMomentum", iterations === 0 ? 0 : config.emaMomentum);
  const { numbers } = values;
  numbers[values.indexOf("oneMinusEmaMomentum")] = 1 - (numbers[values.indexOf("emaMomentum")] ?? Number.NaN);
}
