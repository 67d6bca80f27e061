// What users write with "rmsprop/jax".
import { numpy as np, tree, vmap } from "@jax-js/jax";
import {
  adam,
  MultiOptimizer,
  type MultiOptimizerState,
  multiOptimizer,
  OptimizerMap,
  RMSprop,
  type RMSpropState,
  rmsprop,
  SGD,
  Variable,
} from "rmsprop/jax";

type Params = { kernel: np.Array; bias: np.Array };

export function step(params: Params, gradients: Params, momentum?: number): [Params, RMSpropState<Params>] {
  const solver = rmsprop({ learningRate: 0.01, momentum, excludeFromWeightDecay: undefined });
  return solver.apply(gradients, solver.init(params), params);
}

export function sweep(params: Params, rates: np.Array): RMSpropState<Params> {
  const start = (rate: np.Array, own: Params): RMSpropState<Params> => rmsprop().init(own, rate);
  return vmap(start, [0, null])(rates, params);
}

export function stepOfTwo(params: Params, gradients: Params): [Params, MultiOptimizerState] {
  const solver = multiOptimizer(new OptimizerMap(adam(), { bias: rmsprop() }), { globalClipnorm: 1 });
  const [next, state] = solver.apply(gradients, solver.init(tree.ref(params)), params);
  for (const part of state.optimizers) part.learningRate?.dispose();
  return [next, state];
}

export function train(momentum?: number): string {
  const v = new Variable(10, { name: undefined, trainable: undefined });
  const map = new OptimizerMap(new RMSprop({ momentum }), { "bias.*": new SGD() });
  new MultiOptimizer(map, { lossScaleFactor: undefined }).minimize(() => np.square(v.ref).div(2), [v]);
  return v.toString();
}
