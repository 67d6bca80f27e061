// What ExponentialDecay and InverseTimeDecay share: their options, and how often a step has decayed.
import { checkBoolean, checkKnownKeys, checkNumber, configFromFields } from "../check/arguments.js";
import type { ScalarOps } from "../rule/ops.js";
import { FormulaSchedule } from "./formula.js";
import type { ScheduleConfig } from "./schedule.js";

/** The names of the options, in the order of Keras' config. */
export const KEYS = ["initialLearningRate", "decaySteps", "decayRate", "staircase", "name"] as const;

interface StaircaseOptions {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  readonly staircase?: boolean;
  readonly name?: string;
}

export abstract class StaircaseDecay extends FormulaSchedule {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  readonly staircase: boolean;

  constructor(owner: string, options: StaircaseOptions) {
    checkKnownKeys(owner, options, KEYS);
    const { initialLearningRate, decaySteps, decayRate, staircase = false } = options;
    super(options.name ?? owner);
    this.initialLearningRate = checkNumber(owner, "initialLearningRate", initialLearningRate);
    this.decaySteps = checkNumber(owner, "decaySteps", decaySteps, { above: 0 });
    this.decayRate = checkNumber(owner, "decayRate", decayRate, { min: 0 });
    this.staircase = checkBoolean(owner, "staircase", staircase);
  }

  override getConfig(): ScheduleConfig {
    return configFromFields(this, KEYS);
  }

  /** `step / decaySteps`, rounded down if `staircase`. @internal */
  protected decays<V>(op: ScalarOps<V>, step: V): V {
    const exact = op.div(step, op.constant(this.decaySteps));
    return this.staircase ? op.floor(exact) : exact;
  }
}
