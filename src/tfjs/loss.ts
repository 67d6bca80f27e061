// From a loss function to its gradients: scaled, and without a tensor left behind when it throws.
import * as tf from "@tensorflow/tfjs-core";
import { checkArray, checkFunction } from "../optimizer/checks.js";
import { badKind } from "../optimizer/errors.js";
import { checkVariable } from "./gradients.js";

/** A loss, and gradients by the names of their variables. */
export interface ValueAndGradients {
  value: tf.Scalar;
  grads: tf.NamedTensorMap;
}

/** The loss itself, and the gradients of the loss multiplied by `lossScale`, if there is one. */
export function gradientsOf(
  owner: string,
  f: () => tf.Scalar,
  lossScale: number | null,
  varList: readonly tf.Variable[] | undefined,
): ValueAndGradients {
  checkFunction(owner, "f", f);
  varList?.forEach((variable) => {
    checkVariable(owner, variable);
  });
  const losses: tf.Scalar[] = [];
  const scaled = (): tf.Scalar => {
    const loss = checkLoss(owner, f());
    losses.push(tf.keep(loss.clone()));
    return lossScale === null ? loss : tf.mul(loss, lossScale);
  };
  try {
    return tf.tidy(() => {
      const { value, grads } = tf.variableGrads(scaled, varList && [...varList]);
      return { value: losses[0]?.clone() ?? value, grads };
    });
  } catch (error) {
    disposeTape();
    throw error;
  } finally {
    tf.dispose(losses);
  }
}

/** The arguments of `minimize` in both forms: TensorFlow.js' (f, returnCost, varList) and Keras' (f, varList). */
export function minimizeArguments(
  owner: string,
  returnCost: boolean | tf.Variable[],
  varList: tf.Variable[] | undefined,
): { readonly wanted: boolean; readonly variables: tf.Variable[] | undefined } {
  const isKeras = Array.isArray(returnCost);
  const variables = isKeras ? returnCost : (varList ?? undefined);
  if (variables !== undefined) checkArray(owner, "varList", variables, "Pass [variable], even for one.");
  if (isKeras) return { wanted: false, variables };
  if (typeof returnCost === "boolean") return { wanted: returnCost, variables };
  const remedy = "Pass [variable], even for one.";
  const requirement = "be true, false or an array of variables";
  throw badKind({ owner, argument: "returnCost", requirement, received: returnCost, remedy });
}

/** What a loss function returned, or an error when it is no scalar. */
function checkLoss(owner: string, loss: tf.Scalar): tf.Scalar {
  const argument = "f";
  const isTensor = loss instanceof tf.Tensor;
  if (isTensor && loss.rank === 0) return loss;
  const received = isTensor ? `a tensor of shape [${loss.shape}]` : loss;
  const remedy = isTensor ? "Take its tf.mean()." : "Return the loss; it cannot be a promise.";
  throw badKind({ owner, argument, requirement: "return a scalar tensor", received, remedy });
}

/** After an error in a loss, TensorFlow.js still holds what it had saved for the gradients. */
function disposeTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return; // Others are taking gradients around this.
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
}
