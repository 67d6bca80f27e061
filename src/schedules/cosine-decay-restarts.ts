// CosineDecayRestarts: half a cosine after another, each longer and from a start of its own (SGDR).
import type { ScalarOps } from "../rule/ops.js";
import { type FormulaClass, scheduleWith } from "./formula.js";

/** The options of `CosineDecayRestarts`. */
export interface CosineDecayRestartsOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** How many steps the first period takes. Greater than 0. */
  readonly firstDecaySteps: number;
  /** Each period takes so many times the steps of the one before; greater than 0, 2 by default. */
  readonly tMul?: number | undefined;
  /** Each period starts with so many times the learning rate of the one before; 0 or more, 1 by default. */
  readonly mMul?: number | undefined;
  /** The least learning rate, as a fraction of the initial one; 0 or more, 0 by default. */
  readonly alpha?: number | undefined;
  /** "SGDRDecay" by default. */
  readonly name?: string | undefined;
}

const Base: FormulaClass<CosineDecayRestartsOptions> = /* @__PURE__ */ scheduleWith("CosineDecayRestarts", {
  initialLearningRate: {},
  firstDecaySteps: { above: 0 },
  tMul: { above: 0, default: 2 },
  mMul: { min: 0, default: 1 },
  alpha: { min: 0, default: 0 },
  name: { default: "SGDRDecay" },
});

/**
 * `initialLearningRate * ((1 - alpha) * mMul ** period * (1 + cos(pi * fraction)) / 2 + alpha)`, where `fraction` says
 * how much of the present period is done; float32. With `tMul` below 1 the periods shrink towards an end, at
 * `firstDecaySteps / (1 - tMul)` steps: from there on the result is NaN, as in Keras. Negative `tMul`, `mMul` and
 * `alpha` are refused: Keras takes them and returns NaN or a negative learning rate; so is a `tMul` of 0.
 * Source: `keras.optimizers.schedules.CosineDecayRestarts`.
 */
export class CosineDecayRestarts extends Base {
  override formula<V>(op: ScalarOps<V>, step: V): V {
    const time = op.div(step, op.constant(this.firstDecaySteps));
    const [period, fraction] = periodAt(op, time, this.tMul);
    const height = op.mul(op.constant(0.5), op.power(op.constant(this.mMul), period));
    const one = op.constant(1);
    const wave = op.mul(height, op.add(one, op.cos(op.mul(op.constant(Math.PI), fraction))));
    const alpha = op.constant(this.alpha);
    return op.mul(op.constant(this.initialLearningRate), op.add(op.mul(op.sub(one, alpha), wave), alpha));
  }
}

// The number of finished periods, and how much of the present one is done. `time` counts first periods; period i takes
// tMul ** i of them, so that i periods end at the geometric sum (1 - tMul ** i) / (1 - tMul).
function periodAt<V>(op: ScalarOps<V>, time: V, tMul: number): readonly [period: V, fraction: V] {
  if (Math.fround(tMul) === 1) return [op.floor(time), op.sub(time, op.floor(time))];
  const [one, factor] = [op.constant(1), op.constant(tMul)];
  const ratio = op.sub(one, factor);
  const period = op.floor(op.div(op.log(op.sub(one, op.mul(time, ratio))), op.log(factor)));
  const length = op.power(factor, period);
  return [period, op.div(op.sub(time, op.div(op.sub(one, length), ratio)), length)];
}
