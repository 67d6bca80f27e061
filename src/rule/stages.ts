// What happens around the rule, one small function a stage; step.ts puts them in order.
// Source: `keras/src/optimizers/base_optimizer.py`. The order of operations in each line is Keras' own.
import type { Ops } from "./ops.js";
import type { Clip } from "./plan.js";
import type { Scalars } from "./rule.js";

/** The scalars that stages read, each there when its stage is on. */
export type StageScalar =
  | "lossScale"
  | "accumulationSteps"
  | "clipnorm"
  | "normLimit"
  | "globalScale"
  | "clipvalue"
  | "minusClipvalue"
  | "weightDecay"
  | "emaMomentum"
  | "oneMinusEmaMomentum";

type K<V> = Scalars<V, StageScalar>;

/** The gradient of the loss, from that of the scaled loss. */
export const unscale = <V>(op: Ops<V>, k: K<V>, gradient: V): V => op.div(gradient, k.lossScale);

/** The sum of the gradients since the last update. */
export const accumulate = <V>(op: Ops<V>, gradient: V, accumulator: V): V => op.add(gradient, accumulator);

/** The mean of the accumulated gradients. */
export const mean = <V>(op: Ops<V>, k: K<V>, sum: V): V => op.div(sum, k.accumulationSteps);

/** The gradient within its limit. `normLimit` and `globalScale` come from norm.ts. */
export const clip = <V>(op: Ops<V>, by: Clip, k: K<V>, gradient: V): V => CLIPS[by](op, k, gradient);

const CLIPS: Readonly<Record<Clip, <V>(op: Ops<V>, k: K<V>, gradient: V) => V>> = {
  none: (_op, _k, gradient) => gradient,
  norm: (op, k, gradient) => op.div(op.mul(gradient, k.clipnorm), k.normLimit),
  globalNorm: (op, k, gradient) => op.mul(gradient, k.globalScale),
  value: (op, k, gradient) => op.clamp(gradient, k.minusClipvalue, k.clipvalue),
};

/** The variable, a little nearer to zero. */
export function decay<V>(op: Ops<V>, k: K<V>, variable: V): V {
  return op.sub(variable, op.mul(op.mul(variable, k.weightDecay), k.learningRate));
}

/** The exponential moving average of the variable. */
export function average<V>(op: Ops<V>, k: K<V>, old: V, variable: V): V {
  return op.add(op.mul(k.emaMomentum, old), op.mul(k.oneMinusEmaMomentum, variable));
}
