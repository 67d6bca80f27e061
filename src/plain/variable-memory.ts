// What an optimizer asks of Variables, without class Variable: whoever trains typed arrays downloads none of it.

import { adviceForFace } from "../check/foreign-objects.js";
import type { Constraint, ConstraintFunction } from "../constraints/constraint.js";
import type { Storage } from "../engine/engine.js";
import type { DType } from "../rule/plan.js";

/** A Variable, as an optimizer sees it. */
export interface InMemory {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly overwriteWithGradient: boolean;
  readonly constraint: Constraint | ConstraintFunction | null;
  readonly disposed: boolean;
  assign(value: ArrayLike<number>): unknown;
}

/** What the class of Variables alone can tell. */
export interface VariableAccess {
  /** Whether it is one, and not a proxy, which has none of its memory. */
  isVariable(value: unknown): value is InMemory;
  isProxy(value: unknown): boolean;
  storageOf(variable: InMemory): Storage;
}

let access: VariableAccess | null = null;

/** Called before a Variable is made: without one there is nothing to tell. */
export function openVariables(by: VariableAccess): void {
  access = by;
}

/** Whether it is a Variable, and not a proxy of one, which has none of its memory. */
export const isVariable = (value: unknown): value is InMemory => access?.isVariable(value) ?? false;

/** A Variable's memory, whatever its class says of it. Throws a StateError after `dispose()`. */
export function storageOf(variable: InMemory): Storage {
  return (access as VariableAccess).storageOf(variable); // there is a Variable, so there is its class
}

/** What to do instead of passing something else than a Variable. */
export function variableRemedy(received: unknown, otherwise: string): string {
  if (access?.isProxy(received)) return "It is a proxy of a Variable: pass the Variable itself.";
  return adviceForFace(received, "rmsprop", otherwise);
}
