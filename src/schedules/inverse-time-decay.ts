// InverseTimeDecay: the learning rate divided by a number that grows evenly with the steps.
import type { ScalarOps } from "../rule/ops.js";
import { decaysAt, decayWith } from "./exponential-decay.js";
import type { FormulaClass } from "./formula.js";

/** The options of `InverseTimeDecay`. */
export interface InverseTimeDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** After so many steps the divisor has grown by `decayRate`. Greater than 0. */
  readonly decaySteps: number;
  /** How much the divisor grows over `decaySteps` steps, 0 or more. */
  readonly decayRate: number;
  /** Let the divisor grow at once after every `decaySteps` steps instead of a little in each; false by default. */
  readonly staircase?: boolean | undefined;
  /** "InverseTimeDecay" by default. */
  readonly name?: string | undefined;
}

const Base: FormulaClass<InverseTimeDecayOptions> = /* @__PURE__ */ decayWith("InverseTimeDecay");

/**
 * `initialLearningRate / (1 + decayRate * step / decaySteps)`, the quotient of steps rounded down if `staircase`;
 * float32. A negative `decayRate` is refused: Keras takes it and divides by zero on the way.
 * Source: `keras.optimizers.schedules.InverseTimeDecay`.
 */
export class InverseTimeDecay extends Base {
  override formula<V>(op: ScalarOps<V>, step: V): V {
    const divisor = op.add(op.constant(1), op.mul(op.constant(this.decayRate), decaysAt(op, this, step)));
    return op.div(op.constant(this.initialLearningRate), divisor);
  }
}
