// PolynomialDecay: from one learning rate to another along a power of the remaining steps, once or in cycles.

import { checkBoolean, checkKnownKeys, checkNumber, configFromFields, optionsFromConfig } from "../check/arguments.js";
import type { ScalarOps } from "../rule/ops.js";
import { FormulaSchedule } from "./formula.js";
import type { ScheduleConfig } from "./schedule.js";

/** The options of `PolynomialDecay`. */
export interface PolynomialDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** How many steps the decay takes. Greater than 0. */
  readonly decaySteps: number;
  /** The learning rate at the end; 0.0001 by default. */
  readonly endLearningRate?: number;
  /** The power, 0 or more; 1 by default, a straight line. */
  readonly power?: number;
  /** Go on beyond `decaySteps`, from a fresh start each time towards the next multiple; false by default. */
  readonly cycle?: boolean;
  /** "PolynomialDecay" by default. */
  readonly name?: string;
}

const OWNER = "PolynomialDecay";
const KEYS = ["initialLearningRate", "decaySteps", "endLearningRate", "power", "cycle", "name"] as const;

/**
 * `(initialLearningRate - endLearningRate) * (1 - step / decaySteps) ** power + endLearningRate`, the step at most
 * `decaySteps`; with `cycle` instead the multiple of `decaySteps` that comes next takes its place; float32.
 * A negative `power` is refused: Keras takes it and ends at infinity.
 * Source: `keras.optimizers.schedules.PolynomialDecay`.
 */
export class PolynomialDecay extends FormulaSchedule {
  static override readonly className: string = OWNER;
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly endLearningRate: number;
  readonly power: number;
  readonly cycle: boolean;

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  constructor(options: PolynomialDecayOptions) {
    checkKnownKeys(OWNER, options, KEYS);
    const { initialLearningRate, decaySteps, endLearningRate = 0.0001 } = options;
    const { power: exponent = 1, cycle = false } = options;
    super(options.name ?? OWNER);
    this.initialLearningRate = checkNumber(OWNER, "initialLearningRate", initialLearningRate);
    this.decaySteps = checkNumber(OWNER, "decaySteps", decaySteps, { above: 0 });
    this.endLearningRate = checkNumber(OWNER, "endLearningRate", endLearningRate);
    this.power = checkNumber(OWNER, "power", exponent, { min: 0 });
    this.cycle = checkBoolean(OWNER, "cycle", cycle);
  }

  /** For faces, which compute it on arrays of their own. @internal */
  override formula<V>(op: ScalarOps<V>, step: V): V {
    const end = op.constant(this.endLearningRate);
    const left = op.sub(op.constant(1), this.#fractionDone(op, step));
    const height = op.sub(op.constant(this.initialLearningRate), end);
    return op.add(op.mul(height, op.power(left, op.constant(this.power))), end);
  }

  override getConfig(): ScheduleConfig {
    return configFromFields(this, KEYS);
  }

  /** The schedule with Keras' config (snake_case). Unknown keys are refused. */
  static override fromConfig(config: object): PolynomialDecay {
    return new PolynomialDecay(optionsFromConfig<PolynomialDecayOptions>(OWNER, config, KEYS));
  }

  #fractionDone<V>(op: ScalarOps<V>, step: V): V {
    const decaySteps = op.constant(this.decaySteps);
    if (!this.cycle) return op.div(op.min(step, decaySteps), decaySteps);
    const zero = op.constant(0);
    const reached = op.ceil(op.div(step, decaySteps));
    const atLeastOne = op.select(op.lessOrEqual(zero, step), op.constant(1), reached);
    const cycles = op.select(op.lessOrEqual(step, zero), atLeastOne, reached); // 1 at step 0
    return op.div(step, op.mul(decaySteps, cycles));
  }
}
