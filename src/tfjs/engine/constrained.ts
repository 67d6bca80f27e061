// A variable that the layer it belongs to constrains.
import type * as tf from "@tensorflow/tfjs-core";
import type { KerasConstraint } from "../../constraints/constraint-data.js";

/** A constraint as TensorFlow.js has it: of its own classes, or of the user's. */
export interface LayerConstraint {
  apply(weights: tf.Tensor): tf.Tensor;
}

/** A variable and the constraint of its layer. */
export interface Constrained {
  readonly variable: tf.Variable;
  readonly constraint: LayerConstraint;
  /** The same in Keras' numbers; null for code of the user's. */
  readonly keras: KerasConstraint | null;
}

export interface KerasConstrained extends Constrained {
  readonly keras: KerasConstraint;
}
