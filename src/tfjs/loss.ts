// From a loss function to its gradients: scaled, and without a tensor left behind when it throws.
import * as tf from "@tensorflow/tfjs-core";
// The gradients of TensorFlow.js' operations: a bundler, which keeps only what is asked for, would leave them out.
import "#gradients";
import { type Argument, type Arguments, Verbatim } from "../check/argument.js";
import { reasonOf } from "../check/built-ins.js";
import { nanLoss } from "../core/loss.js";
import { checkTensorVariable, pairsByName, pairsOfTrainable } from "./gradients.js";
import { applyPairs, lossScaleOf, refusesNaN, type Training } from "./training.js";

/** Names that a message shows; more are counted. */
const SHOWN_NAMES = 8;

/** A loss, and gradients by the names of their variables. */
export interface ValueAndGradients {
  value: tf.Scalar;
  grads: tf.NamedTensorMap;
}

/**
 * The loss itself, and the gradients of the loss multiplied by `lossScale`, if there is one. Variables that are not
 * trainable are passed over, those that the loss does not use have no entry; it is an error when none is left.
 */
export function gradientsOf(
  argument: Arguments,
  f: () => tf.Scalar,
  lossScale: number | null,
  varList: readonly tf.Variable[] | undefined,
): ValueAndGradients {
  argument("f").callable(f);
  const variables = trainableOf(argument, varList);
  const losses: tf.Scalar[] = [];
  const scaled = (): tf.Scalar => {
    const loss = checkLoss(argument("f"), f());
    losses.push(tf.keep(loss.clone()));
    return lossScale === null ? loss : tf.mul(loss, lossScale);
  };
  try {
    return tf.tidy(() => {
      const { value, grads } = tf.engine().gradients(scaled, variables, undefined, true);
      const found = variables.flatMap(({ name }, i) => (grads[i] ? [[name, grads[i]] as const] : []));
      if (found.length === 0) throw unconnected(argument("f"), variables);
      return { value: losses[0]?.clone() ?? value, grads: Object.fromEntries(found) };
    });
  } catch (error) {
    disposeTape();
    throw withRemedy(error);
  } finally {
    tf.dispose(losses);
  }
}

/** What to do about an error of TensorFlow.js itself, by words of its message. */
const REMEDIES: readonly (readonly [words: RegExp, remedy: string])[] = [
  [
    /gradient function not found/,
    // On Node it is tfjs-layers that registers the gradients of operations.
    "Install @tensorflow/tfjs-layers and import it once: it registers all gradients that TensorFlow.js has. " +
      "If it is there, it has none of this operation: leave that out of the loss.",
  ],
  [
    /Kernel '.+' not registered for backend/,
    "That backend of TensorFlow.js cannot compute the loss or its gradients: wasm has no gradients of convolutions and embeddings. " +
      'Train on another one: await tf.setBackend("cpu"), or "webgpu" or "webgl" in a page.',
  ],
];

function withRemedy(cause: unknown): unknown {
  const reason = reasonOf(cause).trimEnd();
  const [, remedy] = REMEDIES.find(([words]) => words.test(reason)) ?? [];
  return remedy === undefined ? cause : new Error(`${reason}${reason.endsWith(".") ? "" : "."} ${remedy}`, { cause });
}

/** Computes the gradients of `f` and makes one step, or leaves it out; returns the loss. */
export function minimizeOnce(
  training: Training,
  f: () => tf.Scalar,
  variables: readonly tf.Variable[] | undefined,
): tf.Scalar {
  const { argument, run } = training;
  const lossScale = lossScaleOf(training);
  run.checkUsable();
  return tf.tidy(() => {
    const { value, grads } = run.duringLoss(() => gradientsOf(argument, f, lossScale, variables));
    if (refusesNaN(training)) refuseKnownNaN(argument("f"), value);
    const pairs = variables ? pairsOfTrainable(grads, variables) : pairsByName(argument("gradients"), grads);
    applyPairs(training, pairs, lossScale);
    return value;
  });
}

/**
 * Throws a RangeError for a loss that is NaN, where reading it costs nothing: on a device it would stall every step, so
 * there NaN goes on into the weights, as in Keras.
 */
function refuseKnownNaN(argument: Argument, loss: tf.Scalar): void {
  if (!("numBytesInGPU" in tf.memory()) && Number.isNaN(loss.dataSync()[0])) throw nanLoss(argument);
}

/** The arguments of `minimize` in both forms: TensorFlow.js' (f, returnCost, varList) and Keras' (f, varList). */
export function minimizeArguments(
  argument: Arguments,
  returnCost: boolean | tf.Variable[],
  varList: tf.Variable[] | undefined,
): { readonly wanted: boolean; readonly variables: tf.Variable[] | undefined } {
  const remedy = "Pass [variable], even for one.";
  const isKeras = Array.isArray(returnCost);
  const given = isKeras ? returnCost : (varList ?? undefined);
  const variables = given && argument("varList").items(given, remedy);
  if (isKeras) return { wanted: false, variables };
  if (typeof returnCost === "boolean") return { wanted: returnCost, variables };
  throw argument("returnCost").badKind("be true, false or an array of variables", returnCost, remedy);
}

/** The variables of a list, or all that there are, without those that are not trainable. */
function trainableOf(argument: Arguments, varList: readonly tf.Variable[] | undefined): tf.Variable[] {
  const all = varList ?? Object.values(tf.engine().registeredVariables);
  const variables = all.filter((variable) => variable?.trainable !== false);
  if (varList) for (const variable of variables) checkTensorVariable(argument("variable"), variable);
  if (variables.length > 0) return variables;
  const received = new Verbatim(all.length === 0 ? "no variable" : `${namesOf(all)}, not trainable`);
  const remedy = all.length === 0 ? "Make one with tf.variable()." : "Set trainable = true for what is to be trained.";
  throw argument("varList").badValue("hold a trainable variable", received, remedy);
}

function unconnected(argument: Argument, variables: readonly tf.Variable[]): RangeError {
  const received = new Verbatim(`a loss that does not depend on ${namesOf(variables)}`);
  const remedy = "Compute the loss inside f from the variables themselves, not from values that were read before.";
  return argument.badValue("have a connection to a variable", received, remedy);
}

function namesOf(variables: readonly tf.Variable[]): string {
  const names = variables.slice(0, SHOWN_NAMES).map(({ name }) => name);
  const more = variables.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** What a loss function returned, or an error when it is no scalar. */
function checkLoss(argument: Argument, loss: tf.Scalar): tf.Scalar {
  const isTensor = loss instanceof tf.Tensor;
  if (isTensor && loss.rank === 0) return loss;
  const received = isTensor ? `a tensor of shape [${loss.shape}]` : loss;
  const remedy = isTensor ? "Take its tf.mean()." : "Return the loss; it cannot be a promise.";
  throw argument.badKind("return a scalar tensor", received, remedy);
}

/** After an error in a loss, TensorFlow.js still holds what it had saved for the gradients. */
function disposeTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return; // Others are taking gradients around this.
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
}
