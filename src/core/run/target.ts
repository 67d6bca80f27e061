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

/** A slot of one variable. */
export interface SlotOf<A> {
  readonly name: string;
  readonly target: Target<A>;
  readonly array: A;
}
