// optimizers/: one file for each optimizer, as data. Nothing else knows the formula of one.
//
// This is the list: whatever holds for all of them goes through it, and only what finds an optimizer by its name imports it.

import { ADADELTA } from "./adadelta.js";
import { ADAGRAD } from "./adagrad.js";
import { ADAM } from "./adam.js";
import { ADAMAX } from "./adamax.js";
import { ADAMW } from "./adamw.js";
import type { OptimizerDefinition } from "./definition.js";
import { FTRL } from "./ftrl.js";
import { LION } from "./lion.js";
import { NADAM } from "./nadam.js";
import { RMSPROP } from "./rmsprop.js";
import { SCHEDULE_FREE_ADAMW } from "./schedule-free-adamw.js";
import { SGD_DEFINITION } from "./sgd.js";

export const OPTIMIZERS: readonly OptimizerDefinition[] = [
  RMSPROP,
  SGD_DEFINITION,
  ADAM,
  ADAMW,
  LION,
  ADAGRAD,
  ADADELTA,
  ADAMAX,
  NADAM,
  FTRL,
  SCHEDULE_FREE_ADAMW,
];

/** What `define` makes of each of them, by the names of their classes. */
export function byClassName<C>(define: (definition: OptimizerDefinition) => C): Readonly<Record<string, C>> {
  return Object.fromEntries(OPTIMIZERS.map((definition) => [definition.className, define(definition)]));
}
