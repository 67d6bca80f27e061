// ExponentialDecay: the learning rate shrinks by the same factor over every `decaySteps` steps.
import type { Resolved } from "../check/option-table.js";
import type { ScalarOps } from "../rule/ops.js";
import { type FormulaClass, scheduleWith } from "./formula.js";

/** The options of `ExponentialDecay`. */
export interface ExponentialDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** After so many steps the learning rate was multiplied by `decayRate` once. Greater than 0. */
  readonly decaySteps: number;
  /** The factor, 0 or more: below 1 the learning rate shrinks. */
  readonly decayRate: number;
  /** Multiply at once after every `decaySteps` steps instead of a little in each; false by default. */
  readonly staircase?: boolean | undefined;
  /** "ExponentialDecay" by default. */
  readonly name?: string | undefined;
}

const Base: FormulaClass<ExponentialDecayOptions> = /* @__PURE__ */ decayWith("ExponentialDecay");

/**
 * `initialLearningRate * decayRate ** (step / decaySteps)`, the quotient rounded down if `staircase`; float32.
 * A negative `decayRate` is refused: Keras takes it and returns NaN.
 * Source: `keras.optimizers.schedules.ExponentialDecay`.
 */
export class ExponentialDecay extends Base {
  override formula<V>(op: ScalarOps<V>, step: V): V {
    const factor = op.power(op.constant(this.decayRate), decaysAt(op, this, step));
    return op.mul(op.constant(this.initialLearningRate), factor);
  }
}

/** The class of schedules with these options, which InverseTimeDecay has, too. */
export function decayWith(owner: string): FormulaClass<ExponentialDecayOptions> {
  return scheduleWith(owner, {
    initialLearningRate: {},
    decaySteps: { above: 0 },
    decayRate: { min: 0 },
    staircase: { default: false },
    name: { default: owner },
  });
}

/** How often a step has decayed: `step / decaySteps`, rounded down if `staircase`. */
export function decaysAt<V>(op: ScalarOps<V>, decay: Resolved<ExponentialDecayOptions>, step: V): V {
  const exact = op.div(step, op.constant(decay.decaySteps));
  return decay.staircase ? op.floor(exact) : exact;
}
