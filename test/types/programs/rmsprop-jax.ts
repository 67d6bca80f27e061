// What users write with "rmsprop/jax".
import { numpy as np } from "@jax-js/jax";
import { RMSprop, type RMSpropState, rmsprop, Variable } from "rmsprop/jax";

type Params = { kernel: np.Array; bias: np.Array };

export function step(params: Params, gradients: Params, momentum?: number): [Params, RMSpropState<Params>] {
  const solver = rmsprop({ learningRate: 0.01, momentum, excludeFromWeightDecay: undefined });
  return solver.apply(gradients, solver.init(params), params);
}

export function train(momentum?: number): string {
  const v = new Variable(10, { name: undefined, trainable: undefined });
  new RMSprop({ momentum }).minimize(() => np.square(v.ref).div(2), [v]);
  return v.toString();
}
