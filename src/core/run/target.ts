// A variable as an optimizer sees it, and one of its slots.
import type { DType } from "../../rule/plan.js";

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
  readonly targets: readonly Pick<Target<unknown>, "name">[];
  /** The place of a variable among them; -1 for one that is not there. */
  indexOf(key: object): number;
}

/** A slot of one variable. */
export interface SlotOf<A> {
  readonly name: string;
  readonly target: Target<A>;
  readonly array: A;
}
