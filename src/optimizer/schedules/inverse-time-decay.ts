// InverseTimeDecay: the learning rate divided by a number that grows evenly with the steps.

import { checkBoolean, checkKnownKeys, checkNumber, optionsFromConfig } from "../checks.js";
import { FormulaSchedule } from "./formula.js";
import type { ScheduleConfig } from "./schedule.js";
import type { ScheduleOps } from "./schedule-ops.js";

/** The options of `InverseTimeDecay`. */
export interface InverseTimeDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** After so many steps the divisor has grown by `decayRate`. Greater than 0. */
  readonly decaySteps: number;
  /** How much the divisor grows over `decaySteps` steps, 0 or more. */
  readonly decayRate: number;
  /** Let the divisor grow at once after every `decaySteps` steps instead of a little in each; false by default. */
  readonly staircase?: boolean;
  /** "InverseTimeDecay" by default. */
  readonly name?: string;
}

const OWNER = "InverseTimeDecay";
const KEYS = ["initialLearningRate", "decaySteps", "decayRate", "staircase", "name"] as const;

/**
 * `initialLearningRate / (1 + decayRate * step / decaySteps)`, the quotient of steps rounded down if `staircase`;
 * float32. A negative `decayRate` is refused: Keras takes it and divides by zero on the way.
 * Source: `keras.optimizers.schedules.InverseTimeDecay`.
 */
export class InverseTimeDecay extends FormulaSchedule {
  static override readonly className: string = OWNER;
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  readonly staircase: boolean;

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  constructor(options: InverseTimeDecayOptions) {
    checkKnownKeys(OWNER, options, KEYS);
    const { initialLearningRate, decaySteps, decayRate, staircase = false, name = OWNER } = options;
    super(name);
    this.initialLearningRate = checkNumber(OWNER, "initialLearningRate", initialLearningRate);
    this.decaySteps = checkNumber(OWNER, "decaySteps", decaySteps, { above: 0 });
    this.decayRate = checkNumber(OWNER, "decayRate", decayRate, { min: 0 });
    this.staircase = checkBoolean(OWNER, "staircase", staircase);
  }

  /** For faces, which compute it on arrays of their own. @internal */
  override formula<V>(op: ScheduleOps<V>, step: V): V {
    const exact = op.div(op.rounded(step), op.constant(this.decaySteps));
    const decays = this.staircase ? op.floor(exact) : exact;
    const divisor = op.add(op.constant(1), op.mul(op.constant(this.decayRate), decays));
    return op.div(op.constant(this.initialLearningRate), divisor);
  }

  override getConfig(): ScheduleConfig {
    return {
      initial_learning_rate: this.initialLearningRate,
      decay_steps: this.decaySteps,
      decay_rate: this.decayRate,
      staircase: this.staircase,
      name: this.name,
    };
  }

  /** The schedule with Keras' config (snake_case). Unknown keys are refused. */
  static override fromConfig(config: object): InverseTimeDecay {
    return new InverseTimeDecay(optionsFromConfig<InverseTimeDecayOptions>(OWNER, config, KEYS));
  }
}
