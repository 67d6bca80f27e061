// optimizers/: one file for each optimizer, as data. Nothing else knows the formula of one.
//
// This is the list: whatever holds for all of them goes through it, and only what finds an optimizer by its name imports it.
import { ADAM } from "./adam.js";
import { ADAMW } from "./adamw.js";
import type { OptimizerDefinition } from "./definition.js";
import { LION } from "./lion.js";
import { RMSPROP } from "./rmsprop.js";
import { SGD_DEFINITION } from "./sgd.js";

export const OPTIMIZERS: readonly OptimizerDefinition[] = [RMSPROP, SGD_DEFINITION, ADAM, ADAMW, LION];

/** What `define` makes of each of them, by the names of their classes. */
export function byClassName<C>(define: (definition: OptimizerDefinition) => C): Readonly<Record<string, C>> {
  return Object.fromEntries(OPTIMIZERS.map((definition) => [definition.className, define(definition)]));
}
