// A variable as an optimizer sees it, and one of its slots.
import { type Argument, Verbatim } from "../../check/argument.js";
import { snakeCase } from "../../check/names.js";
import { ACCUMULATOR, AVERAGE, type DType } from "../../rule/plan.js";

/** A variable to train; `A` is an array of the engine. */
export interface Target<A> {
  /** What identifies the variable: the object that the user passes. */
  readonly key: object;
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly array: A;
  readonly overwriteWithGradient: boolean;
}

/** The variables that an optimizer trains. */
export interface Targets {
  readonly targets: readonly Named[];
  /** The place of a variable among them; -1 for one that is not there. */
  indexOf(key: object): number;
}

/** What numbers must fit. */
export type Fit = Pick<Target<{ readonly length: number }>, "name" | "shape" | "array">;

/** The error for a gradient of another shape than its variable's. */
export function wrongShape(argument: Argument, shape: readonly number[], target: Fit): RangeError {
  const requirement = `have the shape [${target.shape}] of ${target.name}, ${target.array.length} elements`;
  const received = new Verbatim(`shape [${shape}]`);
  return argument.badValue(requirement, received, "Pass gradients in the order of the variables.");
}

type Named = Pick<Target<unknown>, "name">;

/** The error for two variables over the same memory: both would be updated with half of the truth. */
export function sharedMemory(argument: Argument, a: Named, b: Named, remedy: string): RangeError {
  return argument.badValue("not share memory", new Verbatim(`${a.name} and ${b.name}`), remedy);
}

/** A slot of one variable. */
export interface SlotOf<A> {
  readonly name: string;
  readonly target: Target<A>;
  readonly array: A;
}

const KERAS_NAMES: Readonly<Record<string, string>> = { [ACCUMULATOR]: "gradient_accumulator", [AVERAGE]: "average" };

/** The kind of a slot as Keras' names of variables have it. */
export const kindOf = (slot: string): string => KERAS_NAMES[slot] ?? snakeCase(slot);
