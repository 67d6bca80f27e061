// The optimizers that train a model, and their learning rates, which a callback reads and sets.
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { type Argument, argumentsOf } from "../../check/argument.js";
import { LearningRateSchedule } from "../../schedules/index.js";
import type { LearningRateLike } from "../../schedules/learning-rate-like.js";
import type { Optimizer } from "../optimizer-class.js";
import { isOurs, trainingOf } from "../training.js";
import type { UnresolvedLogs } from "./logs.js";

/** An optimizer with a learning rate of its own. */
export interface Rated {
  readonly name: string;
  get learningRate(): number;
  set learningRate(source: LearningRateLike);
  readonly learningRateSource: LearningRateLike;
}

/** The optimizer of a model; a TypeError unless it is one of this package. */
export function optimizerOf(owner: string, model: tfl.LayersModel): object {
  const optimizer: unknown = model.optimizer; // undefined for a model that is not compiled
  if (typeof optimizer === "object" && optimizer !== null && isOurs(optimizer)) return optimizer;
  const remedy =
    'Compile the model with one of "rmsprop/tfjs", such as new RMSprop(): strings make TensorFlow.js\' own.';
  throw argumentsOf(owner)("model.optimizer").badKind("be an optimizer of this package", optimizer, remedy);
}

/** The optimizer that keeps slots: the one within a LossScaleOptimizer. */
export const innerOf = (optimizer: object): object =>
  "innerOptimizer" in optimizer ? (optimizer.innerOptimizer as object) : optimizer; // which is an optimizer

/** Those of a model's optimizer that have a learning rate each: its parts, or itself. */
export function ratedOf(owner: string, model: tfl.LayersModel): readonly Rated[] {
  return partsOf(owner, model) ?? [optimizerOf(owner, model) as Rated]; // all of this package have one
}

/**
 * The optimizers of a MultiOptimizer, also of one within a LossScaleOptimizer; null for any other. A function that chooses them is
 * asked for each weight that the model trains.
 */
export function partsOf(owner: string, model: tfl.LayersModel): readonly Optimizer[] | null {
  const optimizer = innerOf(optimizerOf(owner, model));
  if (!("optimizers" in optimizer)) return null;
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable); // as layers keep them
  trainingOf(optimizer).run.admit(variables);
  return optimizer.optimizers as readonly Optimizer[]; // of this package
}

/** Puts the learning rates into logs, under Keras' names. */
export function logRates(owner: string, model: tfl.LayersModel, logs: UnresolvedLogs | undefined): void {
  if (logs === undefined) return;
  const isOne = partsOf(owner, model) === null;
  for (const rated of ratedOf(owner, model)) {
    logs[isOne ? "learning_rate" : `learning_rate_${rated.name}`] = Math.fround(rated.learningRate);
  }
}

/** Throws Keras' TypeError for an optimizer whose learning rate is a schedule, and for a function: a number cannot be set there. */
export function checkSettable(argument: Argument, { learningRateSource }: Rated): void {
  if (typeof learningRateSource === "number") return;
  const kind = learningRateSource instanceof LearningRateSchedule ? "LearningRateSchedule" : "function";
  const problem = `be a number, which this callback can set; the optimizer was created with a \`${kind}\``;
  throw argument.badKind(problem, learningRateSource, "Make the optimizer with a number, or leave the callback out.");
}
