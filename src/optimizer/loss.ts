// What `minimize` asks of a loss function in core, where nothing is differentiated.
import { badKind } from "./errors.js";
import type { Gradient } from "./gradients.js";

/** The loss now, and its gradients: those of the loss itself, without any scale. */
export interface LossAndGradients<T = number, G = Gradient> {
  readonly value: T;
  /** One for each variable, in their order; `null` where there is none. */
  readonly gradients: readonly G[];
}

/** Calls a loss function and checks what it returns; `valueKind` is what its value must be. */
export function evaluateLoss<T, G>(
  owner: string,
  loss: () => LossAndGradients<T, G>,
  valueKind: "number" | "anything" = "number",
): LossAndGradients<T, G> {
  const argument = "loss";
  const remedy = "Pass () => ({ value, gradients }).";
  if (typeof loss !== "function") {
    throw badKind({ owner, argument, requirement: "be a function", received: loss, remedy });
  }
  const result = loss();
  if (isLossAndGradients(result, valueKind)) return result;
  if (typeof result === "object" && result !== null && "then" in result) {
    const advice = "Await the loss first and pass a function that returns it: minimize takes no promise.";
    throw badKind({ owner, argument, requirement: "return { value, gradients }", received: result, remedy: advice });
  }
  throw badKind({
    owner,
    argument,
    requirement: `return { value: ${valueKind}, gradients: array }`,
    received: result,
    remedy,
  });
}

/** A loss to scale: a number, which may be NaN. */
export function checkedLoss(owner: string, loss: number): number {
  if (typeof loss === "number") return loss;
  throw badKind({
    owner,
    argument: "loss",
    requirement: "be a number",
    received: loss,
    remedy: "Pass the loss itself.",
  });
}

function isLossAndGradients(result: unknown, valueKind: string): boolean {
  if (typeof result !== "object" || result === null) return false;
  const fits = "value" in result && (valueKind === "anything" || typeof result.value === valueKind);
  return fits && "gradients" in result && Array.isArray(result.gradients);
}
