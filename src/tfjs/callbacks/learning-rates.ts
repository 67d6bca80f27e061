// The learning rates of a model's optimizer, which a callback reads and sets.
import type * as tfl from "@tensorflow/tfjs-layers";
import { type Argument, argumentsOf } from "../../check/argument.js";
import { LearningRateSchedule } from "../../schedules/index.js";
import type { LearningRateLike } from "../../schedules/learning-rate-like.js";
import { isOurs } from "../training.js";
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

/** Those of a model's optimizer that have a learning rate each: its parts, or itself. */
export function ratedOf(owner: string, model: tfl.LayersModel): readonly Rated[] {
  const optimizer = optimizerOf(owner, model);
  return (partsOf(optimizer) ?? [optimizer]) as readonly Rated[]; // all of this package have one
}

/** The optimizers of a MultiOptimizer, or null. */
export function partsOf(optimizer: object): readonly object[] | null {
  return "optimizers" in optimizer && Array.isArray(optimizer.optimizers) ? optimizer.optimizers : null;
}

/** Puts the learning rates into logs, under Keras' names. */
export function logRates(model: tfl.LayersModel, logs: UnresolvedLogs | undefined): void {
  if (logs === undefined) return;
  const parts = partsOf(model.optimizer);
  for (const rated of (parts ?? [model.optimizer]) as readonly Rated[]) {
    logs[parts ? `learning_rate_${rated.name}` : "learning_rate"] = Math.fround(rated.learningRate);
  }
}

/** Throws Keras' TypeError for an optimizer whose learning rate is a schedule, and for a function: a number cannot be set there. */
export function checkSettable(argument: Argument, { learningRateSource }: Rated): void {
  if (typeof learningRateSource === "number") return;
  const kind = learningRateSource instanceof LearningRateSchedule ? "LearningRateSchedule" : "function";
  const problem = `be a number, which this callback can set; the optimizer was created with a \`${kind}\``;
  throw argument.badKind(problem, learningRateSource, "Make the optimizer with a number, or leave the callback out.");
}
