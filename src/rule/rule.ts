// What an update rule is: the slots and scalars it needs, and its formula over `Ops`.
import type { Ops } from "./ops.js";

/** The arrays a rule reads: the variable, its gradient (clipped already), and its slots. */
export type Inputs<V, Slot extends string = string> = Readonly<Record<"variable" | "gradient" | Slot, V>>;

/** What a rule writes: new values of the variable and of its slots. */
export type Outputs<V, Slot extends string = string> = Readonly<Partial<Record<"variable" | Slot, V>>>;

/** The hyper-parameters of one step, each rounded to the variable's type. */
export type Scalars<V, Scalar extends string = string> = Readonly<Record<"learningRate" | Scalar, V>>;

/**
 * An update rule. Branches inside `update` may look only at facts that are fixed when the rule is made, so that the
 * kernel made of it is straight-line code. One rule object is one kernel: make it once and keep it.
 */
export interface Rule<Slot extends string = string, Scalar extends string = string> {
  /** Per-variable state, all zero at first, in the order of Keras' optimizer variables. Each is read and written. */
  readonly slots: readonly Slot[];
  /** The scalars that `update` reads besides `learningRate`. */
  readonly scalars: readonly Scalar[];
  /** The formula: from the present arrays to the new ones. */
  update<V>(op: Ops<V>, x: Inputs<V, Slot>, k: Scalars<V, Scalar>): Outputs<V, Slot>;
}

/** A rule with the types of its slots and scalars inferred. Returns it as it is. */
export function defineRule<const Slot extends string, const Scalar extends string>(
  rule: Rule<Slot, Scalar>,
): Rule<Slot, Scalar> {
  return rule;
}
