// PolynomialDecay: from one learning rate to another along a power of the remaining steps, once or in cycles.
import type { ScalarOps } from "../rule/ops.js";
import { type FormulaClass, scheduleWith } from "./formula.js";

/** The options of `PolynomialDecay`. */
export interface PolynomialDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** How many steps the decay takes. Greater than 0. */
  readonly decaySteps: number;
  /** The learning rate at the end; 0.0001 by default. */
  readonly endLearningRate?: number | undefined;
  /** The power, 0 or more; 1 by default, a straight line. */
  readonly power?: number | undefined;
  /** Go on beyond `decaySteps`, from a fresh start each time towards the next multiple; false by default. */
  readonly cycle?: boolean | undefined;
  /** "PolynomialDecay" by default. */
  readonly name?: string | undefined;
}

const Base: FormulaClass<PolynomialDecayOptions> = /* @__PURE__ */ scheduleWith("PolynomialDecay", {
  initialLearningRate: {},
  decaySteps: { above: 0 },
  endLearningRate: { default: 0.0001 },
  power: { min: 0, default: 1 },
  cycle: { default: false },
  name: { default: "PolynomialDecay" },
});

/**
 * `(initialLearningRate - endLearningRate) * (1 - step / decaySteps) ** power + endLearningRate`, the step at most
 * `decaySteps`; with `cycle` instead the multiple of `decaySteps` that comes next takes its place; float32.
 * A negative `power` is refused: Keras takes it and ends at infinity.
 * Source: `keras.optimizers.schedules.PolynomialDecay`.
 */
export class PolynomialDecay extends Base {
  override formula<V>(op: ScalarOps<V>, step: V): V {
    const end = op.constant(this.endLearningRate);
    const left = op.sub(op.constant(1), fractionDone(op, this, step));
    const height = op.sub(op.constant(this.initialLearningRate), end);
    return op.add(op.mul(height, op.power(left, op.constant(this.power))), end);
  }
}

function fractionDone<V>(op: ScalarOps<V>, { cycle, ...own }: PolynomialDecay, step: V): V {
  const decaySteps = op.constant(own.decaySteps);
  if (!cycle) return op.div(op.min(step, decaySteps), decaySteps);
  const zero = op.constant(0);
  const reached = op.ceil(op.div(step, decaySteps));
  const atLeastOne = op.select(op.lessOrEqual(zero, step), op.constant(1), reached);
  const cycles = op.select(op.lessOrEqual(step, zero), atLeastOne, reached); // 1 at step 0
  return op.div(step, op.mul(decaySteps, cycles));
}
