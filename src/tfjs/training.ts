// How an optimizer of this face trains: over which run, in whose name it complains, and by what its loss is multiplied.
import type { Arguments } from "../check/argument.js";
import type { DynamicScale } from "../core/scale/dynamic-scale.js";
import type { Pair } from "./gradients.js";
import type { TensorRun } from "./run.js";
import type { Saved } from "./state/saved-state.js";

export interface Training {
  /** The class that complains. */
  readonly argument: Arguments;
  /** Of the optimizer that keeps the slots; it may be within another one. */
  readonly run: TensorRun;
  /** What is saved and restored, by name. */
  readonly saved: Saved;
  /** With one, a step is left out when a gradient is not finite. */
  readonly scale: DynamicScale | null;
}

const trainings = new WeakMap<object, Training>();

export function holdTraining(optimizer: object, training: Training): void {
  trainings.set(optimizer, training);
}

export function trainingOf(optimizer: object): Training {
  return trainings.get(optimizer) as Training; // each class of this face holds one
}

/** Whether an optimizer trains over this run: one of this face, also as the inner one of another. */
export const trainsOver = (optimizer: object, run: TensorRun): boolean => trainings.get(optimizer)?.run === run;

/** Whether it is an optimizer of this face. */
export const isOurs = (optimizer: object): boolean => trainings.has(optimizer);

const lettingNaNPass = new WeakMap<Training, number>();

/** Lets a loss of NaN go on into the weights, as in Keras, until the result is called. */
export function letNaNPass(optimizer: object): () => void {
  const training = trainings.get(optimizer);
  let isOn = training !== undefined;
  const count = (by: number): void => {
    if (training) lettingNaNPass.set(training, (lettingNaNPass.get(training) ?? 0) + by);
  };
  count(1);
  return () => {
    if (isOn) count(-1);
    isOn = false;
  };
}

/** Whether a loss of NaN is an error, where it is known. */
export const refusesNaN = (training: Training): boolean =>
  training.scale === null && !training.run.config.skipNonFinite && (lettingNaNPass.get(training) ?? 0) === 0;

/** By what the loss is multiplied now; null for nothing. */
export function lossScaleOf({ run, scale }: Training): number | null {
  return scale === null ? run.state.lossScaleFactor : scale.scale;
}

/** One step with the gradients of a loss that was multiplied by `lossScale`, or none. */
export function applyPairs({ run, scale }: Training, pairs: readonly Pair[], lossScale: number | null): void {
  const gradients = pairs.map(({ gradient }) => gradient);
  const variables = pairs.map(({ variable }) => variable);
  if (scale === null) run.step(gradients, variables, lossScale);
  else scale.update(run.step(gradients, variables, lossScale, undefined, "ifFinite"));
}
