// Checks of a loss: what a loss function returns, a loss of NaN, a loss to scale.

import { type Argument, Verbatim } from "../check/argument.js";

/** The loss now, and its gradients: those of the loss itself, without any scale. */
export interface EvaluatedLoss<T, G> {
  readonly value: T;
  /** One for each variable, in their order; `null` where there is none. */
  readonly gradients: readonly G[];
}

/** Calls a loss function, which cannot change the optimizer, and checks what it returns; `valueKind` is what its value must be. */
export function evaluateLoss<T, G>(
  run: { duringLoss<R>(act: () => R): R },
  argument: Argument,
  loss: () => EvaluatedLoss<T, G>,
  valueKind: "number" | "anything" = "number",
): EvaluatedLoss<T, G> {
  const remedy = "Pass () => ({ value, gradients }).";
  if (typeof loss !== "function") throw argument.badKind("be a function", loss, remedy);
  const result = run.duringLoss(loss);
  if (isEvaluatedLoss(result, valueKind)) return result;
  if (typeof result === "object" && result !== null && "then" in result) {
    const advice = "Await the loss first and pass a function that returns it: minimize takes no promise.";
    throw argument.badKind("return { value, gradients }", result, advice);
  }
  throw argument.badKind(`return { value: ${valueKind}, gradients: array }`, result, remedy);
}

/** Throws for a loss that is known to be NaN: nothing has changed yet. */
export function refuseNaN(argument: Argument, value: unknown): void {
  if (Number.isNaN(value)) throw nanLoss(argument);
}

/**
 * The error of every `minimize` for a loss of NaN, wherever it costs nothing to know that: gradients would be NaN, too, and all
 * weights after them. Under a dynamic loss scale it is none: there the gradients decide, and such a step is left out.
 */
export function nanLoss(argument: Argument): RangeError {
  const remedy =
    "Nothing was changed. Look for NaN in the batch and for log or division of zero; then lower learningRate or clip gradients.";
  return argument.badValue("return a loss that is a number", new Verbatim("a loss of NaN"), remedy);
}

/** A loss to scale: a number, which may be NaN. */
export function checkedLoss(argument: Argument, loss: number): number {
  if (typeof loss === "number") return loss;
  throw argument.badKind("be a number", loss, "Pass the loss itself.");
}

function isEvaluatedLoss(result: unknown, valueKind: string): boolean {
  if (typeof result !== "object" || result === null) return false;
  const fits = "value" in result && (valueKind === "anything" || typeof result.value === valueKind);
  return fits && "gradients" in result && Array.isArray(result.gradients);
}
