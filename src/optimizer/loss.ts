// What `minimize` asks of a loss function in core, where nothing is differentiated.
import { badKind } from "./errors.js";
import type { Gradient } from "./gradients.js";

/** The loss now, and its gradients: those of the loss itself, without any scale. */
export interface LossAndGradients {
  readonly value: number;
  /** One for each variable, in their order; `null` where there is none. */
  readonly gradients: readonly Gradient[];
}

/** Calls a loss function and checks what it returns. */
export function evaluateLoss(owner: string, loss: () => LossAndGradients): LossAndGradients {
  const argument = "loss";
  const remedy = "Pass () => ({ value, gradients }).";
  if (typeof loss !== "function") {
    throw badKind({ owner, argument, requirement: "be a function", received: loss, remedy });
  }
  const result: unknown = loss();
  if (isLossAndGradients(result)) return result;
  if (typeof result === "object" && result !== null && "then" in result) {
    const advice = "Await the loss first and pass a function that returns it: minimize takes no promise.";
    throw badKind({ owner, argument, requirement: "return { value, gradients }", received: result, remedy: advice });
  }
  throw badKind({
    owner,
    argument,
    requirement: "return { value: number, gradients: array }",
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

function isLossAndGradients(result: unknown): result is LossAndGradients {
  if (typeof result !== "object" || result === null) return false;
  return (
    "value" in result && typeof result.value === "number" && "gradients" in result && Array.isArray(result.gradients)
  );
}
