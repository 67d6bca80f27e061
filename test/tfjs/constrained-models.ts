// Models of one weight, which its layer constrains, and constraints of one's own.
import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

/** A constraint of a layer. */
export type Constraint = ReturnType<typeof tfl.constraints.nonNeg>;

/** The class that constraints of one's own extend: TensorFlow.js does not export it. */
const ConstraintBase = Object.getPrototypeOf(tfl.constraints.nonNeg().constructor) as abstract new () => Constraint;

/** One that is code of the user's. */
export class Own extends ConstraintBase {
  static readonly className: string = "Own";
  readonly #act: (weights: tf.Tensor) => unknown;
  constructor(act: (weights: tf.Tensor) => unknown) {
    super();
    this.#act = act;
  }
  override apply(weights: tf.Tensor): tf.Tensor {
    return this.#act(weights) as tf.Tensor; // or not: that is what some tests are about
  }
}

/** One weight that begins at 1 and should become -6. */
export function createModel(kernelConstraint: Constraint | "nonNeg" | undefined, trainable = true): tfl.Sequential {
  const own = kernelConstraint === undefined ? {} : { kernelConstraint };
  const dense = { units: 1, inputShape: [1], useBias: false, kernelInitializer: "ones" as const, ...own };
  return tfl.sequential({ layers: [tfl.layers.dense({ ...dense, trainable })] });
}

/** The same, compiled. */
export function compiledFor(
  optimizer: tf.Optimizer,
  constraint: Constraint | "nonNeg" | undefined = "nonNeg",
): tfl.Sequential {
  const model = createModel(constraint);
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

/** Its weight, as a variable. */
export const weightOf = (model: tfl.LayersModel): tf.Variable => model.weights[0]?.read() as tf.Variable; // it has one
export const numberOf = (model: tfl.LayersModel): number => weightOf(model).dataSync()[0] ?? Number.NaN;

export function end(...made: readonly ({ dispose(): unknown } | tf.Optimizer)[]): void {
  for (const each of made) each.dispose();
}
