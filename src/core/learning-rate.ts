// The learning rate of an optimizer: a number that can be set, a schedule, or a function. How it enters a step is in
// rule/scalars.ts.
import { type Argument, adviceFor } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { isClass } from "../check/foreign-objects.js";
import { LearningRateSchedule } from "../schedules/index.js";
import type { LearningRateLike } from "../schedules/learning-rate-like.js";

export class LearningRate {
  readonly #argument: Argument;
  #source: LearningRateLike;
  #isAsking = false;

  constructor(argument: Argument, source: LearningRateLike) {
    this.#argument = argument;
    this.#source = checkedSource(argument, source);
  }

  /** The number, schedule or function itself. A number is a float32 variable in Keras, and rounded to float32 here. */
  get source(): LearningRateLike {
    return this.#source;
  }

  /** The learning rate of a step, counted in calls of apply. */
  at(step: number): number {
    const source = this.#source;
    if (typeof source === "number") return source;
    const isSchedule = source instanceof LearningRateSchedule;
    const value: unknown = this.#ask(source, step);
    // As float32 it enters a step, and there numbers above 3.4e38 are infinite.
    if (typeof value === "number" && Number.isFinite(Math.fround(value))) return value;
    const requirement = `be a finite number; the ${isSchedule ? "schedule" : "function"} gave another value at step ${step}`;
    throw this.#argument.bad("number", requirement, value, "Nothing was changed. Correct what it returns.");
  }

  #ask(source: Exclude<LearningRateLike, number>, step: number): unknown {
    if (this.#isAsking) {
      const problem = "the learning rate asks for itself. Compute it without reading the optimizer's learningRate";
      throw new StateError(this.#argument.owner, `${problem}, and without a step of this optimizer.`);
    }
    this.#isAsking = true;
    try {
      return source instanceof LearningRateSchedule ? source.call(step) : source();
    } finally {
      this.#isAsking = false;
    }
  }

  /** What it was before, whatever it is now. */
  putBack(source: LearningRateLike): void {
    this.#source = source;
  }

  /** Throws a TypeError for a number while a schedule owns the learning rate, as Keras does. */
  set(source: LearningRateLike): void {
    const next = checkedSource(this.#argument, source);
    if (typeof next === "number" && this.#source instanceof LearningRateSchedule) {
      const remedy = "Set another schedule, or make the optimizer with a number.";
      throw this.#argument.badKind("stay a schedule: the optimizer was made with one", source, remedy);
    }
    this.#source = next;
  }
}

function checkedSource(argument: Argument, source: LearningRateLike): LearningRateLike {
  if (isClass(source)) throw argument.badKind("be a schedule, not its class", source, "Make one with new.");
  if (typeof source === "function" || source instanceof LearningRateSchedule) return source;
  const requirement = "be a finite number, a LearningRateSchedule or a function";
  if (typeof source !== "number") {
    const remedy = adviceFor(source, "See schedules.ExponentialDecay for one that decays.");
    throw argument.badKind(requirement, source, remedy);
  }
  // Keras keeps it as float32, in which numbers above 3.4e38 are infinite.
  const rounded = Math.fround(source);
  if (!Number.isFinite(rounded)) throw argument.badValue(requirement, source, "Pass a number such as 0.001.");
  return rounded;
}
