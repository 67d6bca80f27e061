// One thing at a time: while an optimizer computes a loss, makes a step or shows its averages, code of the user's may run -
// a loss, a learning rate, a constraint, a getter - and that code must not change the optimizer under its feet.
import { StateError } from "../../check/errors.js";

type Reason = "averages" | "loss" | "step";

const REASONS: Readonly<Record<Reason, string>> = {
  averages: "the variables hold their averages inside withAverage(). Train after it has ended.",
  loss: "minimize() is still computing its loss. Change the optimizer before or after it, not within the loss function.",
  step:
    "a step is being made, and asks for a learning rate, a constraint or a value. " +
    "Change the optimizer before or after it, not within the code that it asks.",
};

/** Whose turn it is. */
export class Turn {
  #taken: Reason | null = null;

  /** Throws a StateError while it is taken. */
  check(owner: string): void {
    if (this.#taken !== null) throw new StateError(owner, REASONS[this.#taken]);
  }

  /** After a `check`; until `end`. */
  take(reason: Reason): void {
    this.#taken = reason;
  }

  end(): void {
    this.#taken = null;
  }

  /** Runs `fn` in a turn of its own. */
  during<T>(owner: string, reason: Reason, fn: () => T): T {
    this.check(owner);
    this.take(reason);
    try {
      return fn();
    } finally {
      this.end();
    }
  }
}
