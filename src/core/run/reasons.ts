// Why an optimizer cannot do something now.
import { StateError } from "../../check/errors.js";

/** What code of the user's may run within, and must not change the optimizer under its feet. */
export type Reason = "averages" | "loss" | "step";

export const REASONS: Readonly<Record<Reason, string>> = {
  averages: "the variables hold their averages inside withAverage(). Train after it has ended.",
  loss: "minimize() is still computing its loss. Change the optimizer before or after it, not within the loss function.",
  step:
    "a step is being made, and asks for a learning rate, a constraint or a value. " +
    "Change the optimizer before or after it, not within the code that it asks.",
};

/** The error of one that does not know its variables yet. */
export function unbuilt(owner: string, method: string): StateError {
  const problem = `${method}() needs to know the variables, and the optimizer is not built`;
  return new StateError(owner, `${problem}. Call build(variables) first, or apply(gradients, variables).`);
}
