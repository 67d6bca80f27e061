// CosineDecay: half a cosine from the learning rate down to a fraction of it, after a straight warm-up if wanted.

import {
  checkKnownKeys,
  checkNumber,
  checkNumberOrNull,
  configFromFields,
  optionsFromConfig,
} from "../check/arguments.js";
import type { ScalarOps } from "../rule/ops.js";
import { FormulaSchedule } from "./formula.js";
import type { ScheduleConfig } from "./schedule.js";

/** The options of `CosineDecay`. */
export interface CosineDecayOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number;
  /** How many steps the decay takes, the warm-up not counted. Greater than 0. */
  readonly decaySteps: number;
  /** The learning rate at the end, as a fraction of the one where the decay began; 0 or more, 0 by default. */
  readonly alpha?: number;
  /** "CosineDecay" by default. */
  readonly name?: string;
  /** The learning rate after the warm-up, where the decay begins; null, the default, for no warm-up. */
  readonly warmupTarget?: number | null;
  /** How many steps the warm-up takes, 0 or more; 0 by default, and without meaning unless there is a target. */
  readonly warmupSteps?: number;
}

const OWNER = "CosineDecay";
const KEYS = ["initialLearningRate", "decaySteps", "alpha", "name", "warmupTarget", "warmupSteps"] as const;

/**
 * `start * ((1 - alpha) * (1 + cos(pi * step / decaySteps)) / 2 + alpha)`, the step at most `decaySteps`; `start` is
 * `initialLearningRate`, or `warmupTarget` after a straight line to it over `warmupSteps`; float32.
 * A negative `alpha` is refused: Keras takes it and ends at a negative learning rate.
 * Source: `keras.optimizers.schedules.CosineDecay`.
 */
export class CosineDecay extends FormulaSchedule {
  static override readonly className: string = OWNER;
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly alpha: number;
  readonly warmupTarget: number | null;
  readonly warmupSteps: number;

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  constructor(options: CosineDecayOptions) {
    checkKnownKeys(OWNER, options, KEYS);
    const { initialLearningRate, decaySteps, alpha = 0, warmupTarget = null, warmupSteps = 0 } = options;
    super(options.name ?? OWNER);
    this.initialLearningRate = checkNumber(OWNER, "initialLearningRate", initialLearningRate);
    this.decaySteps = checkNumber(OWNER, "decaySteps", decaySteps, { above: 0 });
    this.alpha = checkNumber(OWNER, "alpha", alpha, { min: 0 });
    this.warmupTarget = checkNumberOrNull(OWNER, "warmupTarget", warmupTarget);
    this.warmupSteps = checkNumber(OWNER, "warmupSteps", warmupSteps, { min: 0 });
  }

  /** For faces, which compute it on arrays of their own. @internal */
  override formula<V>(op: ScalarOps<V>, step: V): V {
    const initial = op.constant(this.initialLearningRate);
    const decaySteps = op.constant(this.decaySteps);
    if (this.warmupTarget === null) return this.#decayed(op, initial, op.min(step, decaySteps));
    const target = op.constant(this.warmupTarget);
    const warmupSteps = op.constant(this.warmupSteps);
    const rising = op.add(op.mul(op.sub(target, initial), op.div(step, warmupSteps)), initial);
    const sinceWarmup = op.sub(op.min(step, op.add(decaySteps, warmupSteps)), warmupSteps);
    return op.select(op.lessOrEqual(warmupSteps, step), this.#decayed(op, target, sinceWarmup), rising);
  }

  override getConfig(): ScheduleConfig {
    return configFromFields(this, KEYS);
  }

  /** The schedule with Keras' config (snake_case). Unknown keys are refused. */
  static override fromConfig(config: object): CosineDecay {
    return new CosineDecay(optionsFromConfig<CosineDecayOptions>(OWNER, config, KEYS));
  }

  // Here `1 - alpha` is a Python number, rounded only afterwards; with restarts it is float32.
  #decayed<V>(op: ScalarOps<V>, start: V, step: V): V {
    const angle = op.mul(op.constant(Math.PI), op.div(step, op.constant(this.decaySteps)));
    const wave = op.mul(op.constant(0.5), op.add(op.constant(1), op.cos(angle)));
    return op.mul(start, op.add(op.mul(op.constant(1 - this.alpha), wave), op.constant(this.alpha)));
  }
}
