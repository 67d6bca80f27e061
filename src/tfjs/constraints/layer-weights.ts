// The weights of a model's layers with their constraints, read and checked. A model is known by its shape: it may be of another
// copy of tfjs-layers.
import type * as tf from "@tensorflow/tfjs-core";
import { type Argument, type Arguments, Verbatim } from "../../check/argument.js";
import { itemsOf } from "../../check/lists.js";
import type { Constrained, LayerConstraint } from "../engine/constrained.js";
import { checkTensorVariable } from "../gradients.js";
import { kerasConstraintOf } from "./known-constraint.js";

/** A model or a layer of any copy of tfjs-layers: whatever has the weights of layers. */
export interface Constrainable {
  /** In tfjs-layers a weight is read as the variable itself. */
  readonly weights: readonly {
    readonly name: string;
    /** With an `apply` that gives new weights; null or undefined for none. */
    readonly constraint?: unknown;
    /** The variable. */
    read(): tf.Tensor;
  }[];
}

/** A variable of a layer, and what constrains it. */
export interface LayerWeight {
  readonly variable: tf.Tensor;
  readonly constrained: Constrained | null;
}

/** The weights of a model, or an error for what has none, or one whose constraint cannot be applied. */
export function layerWeightsOf(argument: Arguments, model: Constrainable): LayerWeight[] {
  const received: { readonly weights?: unknown; readonly built?: unknown } | null | undefined = model;
  if (!Array.isArray(received?.weights)) {
    const remedy = "Pass a LayersModel, such as tfl.sequential() makes: other models and tensors do not have layers.";
    throw argument("model").badKind("be a model or a layer of tfjs-layers", model, remedy);
  }
  // A Sequential is built by compile(), but has the weights of its layers before.
  if (received.weights.length === 0 && received.built === false) {
    const remedy = "Add its layers first: those that it gets later are not known.";
    throw argument("model").badValue("be built", new Verbatim("one without weights"), remedy);
  }
  return itemsOf(model.weights).map((weight, i) => layerWeightOf(argument("model.weights").at(i), weight));
}

function layerWeightOf(argument: Argument, weight: Constrainable["weights"][number] | null): LayerWeight {
  const isReadable = typeof weight?.read === "function";
  if (!isReadable) throw argument.badKind("be the weight of a layer", weight, "Pass the model or the layer itself.");
  const { constraint } = weight;
  const variable = weight.read();
  if (constraint === null || constraint === undefined) return { variable, constrained: null };
  checkTensorVariable(argument, variable);
  if (!isLayerConstraint(constraint)) {
    const named = argument.field("constraint");
    throw named.badKind("have apply(weights)", constraint, "Extend a constraint of TensorFlow.js.");
  }
  const keras = kerasConstraintOf(constraint);
  keras?.checkShape(variable.shape);
  if (variable.size === 0) return { variable, constrained: null };
  return { variable, constrained: { variable: variable as tf.Variable, constraint, keras } }; // it was checked above
}

function isLayerConstraint(value: unknown): value is LayerConstraint {
  return typeof value === "object" && value !== null && "apply" in value && typeof value.apply === "function";
}
