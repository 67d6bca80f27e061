// CosineDecay: half a cosine from the learning rate down to a fraction of it, after a straight warm-up if wanted.
import type { ScalarOps } from "../rule/ops.js";
import { type FormulaClass, scheduleWith } from "./formula.js";

/** The options of `CosineDecay`. */
export interface CosineDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** How many steps the decay takes, the warm-up not counted. Greater than 0. */
  readonly decaySteps: number;
  /** The learning rate at the end, as a fraction of the one where the decay began; 0 or more, 0 by default. */
  readonly alpha?: number | undefined;
  /** "CosineDecay" by default. */
  readonly name?: string | undefined;
  /** The learning rate after the warm-up, where the decay begins; null, the default, for no warm-up. */
  readonly warmupTarget?: number | null | undefined;
  /** How many steps the warm-up takes, 0 or more; 0 by default, and without meaning unless there is a target. */
  readonly warmupSteps?: number | undefined;
}

const Base: FormulaClass<CosineDecayOptions> = /* @__PURE__ */ scheduleWith("CosineDecay", {
  initialLearningRate: {},
  decaySteps: { above: 0 },
  alpha: { min: 0, default: 0 },
  name: { default: "CosineDecay" },
  warmupTarget: { default: null },
  warmupSteps: { min: 0, default: 0 },
});

/**
 * `start * ((1 - alpha) * (1 + cos(pi * step / decaySteps)) / 2 + alpha)`, the step at most `decaySteps`; `start` is
 * `initialLearningRate`, or `warmupTarget` after a straight line to it over `warmupSteps`; float32.
 * A negative `alpha` is refused: Keras takes it and ends at a negative learning rate.
 * Source: `keras.optimizers.schedules.CosineDecay`.
 */
export class CosineDecay extends Base {
  override formula<V>(op: ScalarOps<V>, step: V): V {
    const initial = op.constant(this.initialLearningRate);
    const decaySteps = op.constant(this.decaySteps);
    if (this.warmupTarget === null) return decayed(op, this, initial, op.min(step, decaySteps));
    const target = op.constant(this.warmupTarget);
    const warmupSteps = op.constant(this.warmupSteps);
    const rising = op.add(op.mul(op.sub(target, initial), op.div(step, warmupSteps)), initial);
    const sinceWarmup = op.sub(op.min(step, op.add(decaySteps, warmupSteps)), warmupSteps);
    return op.select(op.lessOrEqual(warmupSteps, step), decayed(op, this, target, sinceWarmup), rising);
  }
}

// Here `1 - alpha` is a Python number, rounded only afterwards; with restarts it is float32.
function decayed<V>(op: ScalarOps<V>, { decaySteps, alpha }: CosineDecay, start: V, step: V): V {
  const angle = op.mul(op.constant(Math.PI), op.div(step, op.constant(decaySteps)));
  const wave = op.mul(op.constant(0.5), op.add(op.constant(1), op.cos(angle)));
  return op.mul(start, op.add(op.mul(op.constant(1 - alpha), wave), op.constant(alpha)));
}
