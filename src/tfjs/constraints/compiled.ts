// A compiled model and its optimizer: whether that applies the constraints of its layers.
import type * as tfl from "@tensorflow/tfjs-layers";
import { type Argument, Verbatim } from "../../check/argument.js";
import { warnOnce } from "../../check/warn.js";
import type { Constrainable } from "./layer-weights.js";

/** Throws for a model whose `fit` trains with another optimizer. */
export function checkCompiled(
  argument: Argument,
  model: Constrainable & { readonly optimizer?: unknown; readonly name?: unknown },
  isOurs: (optimizer: object) => boolean,
): void {
  const { optimizer } = model;
  if (typeof optimizer !== "object" || optimizer === null || isOurs(optimizer)) return;
  const received = new Verbatim(`${model.name}, compiled with another ${optimizer.constructor.name}`);
  const remedy = "Compile it with this one, or call constrain(model) of model.optimizer.";
  throw argument.badValue("be compiled with this optimizer, or not at all", received, remedy);
}

/** Has the optimizer of a compiled model apply the constraints of its layers; where it cannot, a warning says so. */
export function constrainCompiled(model: tfl.LayersModel): void {
  const { optimizer } = model;
  if (isConstraining(optimizer)) {
    optimizer.constrain(model);
    return;
  }
  const names = model.weights.filter(({ constraint }) => constraint).map(({ name }) => name);
  if (names.length === 0) return;
  const facts = `rmsprop/tfjs: the model's optimizer does not apply the constraints of ${names.join(", ")}`;
  warnOnce(`${facts}. Compile it with an optimizer of "rmsprop/tfjs".`);
}

/** By shape: it may be of another copy of this package. */
const isConstraining = (optimizer: object | null | undefined): optimizer is { constrain(model: Constrainable): void } =>
  typeof optimizer === "object" && optimizer !== null && "constrain" in optimizer;
