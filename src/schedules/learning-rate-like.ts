// What an optimizer takes as its learning rate.
import type { LearningRateSchedule } from "./schedule.js";

/** A number, a schedule that is asked with the step, or a function that is asked before each step. */
export type LearningRateLike = number | LearningRateSchedule | (() => number);
