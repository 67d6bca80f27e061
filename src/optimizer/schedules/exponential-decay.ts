// ExponentialDecay: the learning rate shrinks by the same factor over every `decaySteps` steps.

import { checkBoolean, checkKnownKeys, checkNumber, optionsFromConfig } from "../checks.js";
import { FormulaSchedule } from "./formula.js";
import type { ScheduleConfig } from "./schedule.js";
import type { ScheduleOps } from "./schedule-ops.js";

/** The options of `ExponentialDecay`. */
export interface ExponentialDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** After so many steps the learning rate was multiplied by `decayRate` once. Greater than 0. */
  readonly decaySteps: number;
  /** The factor, 0 or more: below 1 the learning rate shrinks. */
  readonly decayRate: number;
  /** Multiply at once after every `decaySteps` steps instead of a little in each; false by default. */
  readonly staircase?: boolean;
  /** "ExponentialDecay" by default. */
  readonly name?: string;
}

const OWNER = "ExponentialDecay";
const KEYS = ["initialLearningRate", "decaySteps", "decayRate", "staircase", "name"] as const;

/**
 * `initialLearningRate * decayRate ** (step / decaySteps)`, the quotient rounded down if `staircase`; float32.
 * A negative `decayRate` is refused: Keras takes it and returns NaN.
 * Source: `keras.optimizers.schedules.ExponentialDecay`.
 */
export class ExponentialDecay extends FormulaSchedule {
  static override readonly className: string = OWNER;
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  readonly staircase: boolean;

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  constructor(options: ExponentialDecayOptions) {
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
    return op.mul(op.constant(this.initialLearningRate), op.power(op.constant(this.decayRate), decays));
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
  static override fromConfig(config: object): ExponentialDecay {
    return new ExponentialDecay(optionsFromConfig<ExponentialDecayOptions>(OWNER, config, KEYS));
  }
}
