// LearningRateScheduler: another learning rate for each epoch.
import { argumentsOf } from "../../check/argument.js";
import { print } from "../../check/warn.js";
import { checkSettable, logRates, type Rated, ratedOf } from "./learning-rates.js";
import type { UnresolvedLogs } from "./logs.js";
import { CallbackOfModel } from "./model-callback.js";
import { pythonNumber } from "./saving/python-format.js";

/** The options of `LearningRateScheduler`. */
export interface LearningRateSchedulerOptions {
  /** 1 prints each learning rate; 0, the default, nothing. */
  readonly verbose?: number | undefined;
}

const OWNER = "LearningRateScheduler";
const argument = argumentsOf(OWNER);

/**
 * Before each epoch the learning rate becomes `schedule(epoch, learningRate)`: of the epoch, counted from 0, and of the rate
 * so far. `history` has it as `learning_rate`. Throws a TypeError when training begins with an optimizer that is not of this
 * package, or whose rate is a schedule or a function already. Source: `keras.callbacks.LearningRateScheduler`.
 *
 * @example model.fit(x, y, { callbacks: [new LearningRateScheduler((epoch, rate) => (epoch < 10 ? rate : 0.9 * rate))] })
 */
export class LearningRateScheduler extends CallbackOfModel {
  readonly #schedule: (epoch: number, learningRate: number) => number;
  readonly #verbose: number;

  constructor(schedule: (epoch: number, learningRate: number) => number, options: LearningRateSchedulerOptions = {}) {
    super(OWNER);
    argument("schedule").callable(schedule);
    argument("options").keys(options, ["verbose"]);
    this.#schedule = schedule;
    this.#verbose = argument("verbose").number(options.verbose ?? 0);
  }

  /** Throws unless the learning rate can be set. */
  override async onTrainBegin(): Promise<void> {
    await super.onTrainBegin();
    for (const rated of ratedOf(OWNER, this.model)) checkSettable(argument("learningRate"), rated);
  }

  /** Sets the learning rate of an epoch. */
  override async onEpochBegin(epoch: number): Promise<void> {
    const all = ratedOf(OWNER, this.model);
    for (const rated of all) {
      const rate = this.#rateOf(epoch, rated);
      rated.learningRate = rate;
      const name = all.length > 1 ? `${rated.name} ` : "";
      if (this.#verbose > 0) {
        print(`\nEpoch ${epoch + 1}: ${OWNER} setting ${name}learning rate to ${pythonNumber(rate)}.`);
      }
    }
  }

  /** Puts the learning rate into the history. */
  override async onEpochEnd(_epoch: number, logs?: UnresolvedLogs): Promise<void> {
    logRates(OWNER, this.model, logs);
  }

  #rateOf(epoch: number, { learningRate }: Rated): number {
    const rate: unknown = this.#schedule(epoch, Math.fround(learningRate));
    if (typeof rate === "number") return rate;
    const remedy = "The output of the schedule function should be a number, not a promise or nothing.";
    throw argument("schedule").badKind(`return a number; at epoch ${epoch} it returned another value`, rate, remedy);
  }
}
