// ReduceLROnPlateau: a smaller learning rate when a metric has stopped improving.
import { argumentsOf } from "../../check/argument.js";
import { print, warnOnce } from "../../check/warn.js";
import { checkSettable, logRates, type Rated, ratedOf } from "./learning-rates.js";
import type { UnresolvedLogs } from "./logs.js";
import { MonitorCallback, type MonitorOptions } from "./monitor-callback.js";
import { pythonNumber } from "./saving/python-format.js";

/** The options of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** By what the learning rate is multiplied, below 1; by default 0.1. */
  readonly factor?: number | undefined;
  /** Epochs without an improvement after which it is reduced; by default 10. */
  readonly patience?: number | undefined;
  /** 1 prints each reduction; 0, the default, nothing. */
  readonly verbose?: number | undefined;
  /** By how much a value has to be better to count as an improvement; by default 1e-4. */
  readonly minDelta?: number | undefined;
  /** Epochs after a reduction that are not counted; by default 0. */
  readonly cooldown?: number | undefined;
  /** The learning rate does not get below it; by default 0. */
  readonly minLr?: number | undefined;
}

const OWNER = "ReduceLROnPlateau";
const KEYS = ["monitor", "factor", "patience", "verbose", "mode", "minDelta", "cooldown", "minLr"];
const argument = argumentsOf(OWNER);

/**
 * Multiplies the learning rate by `factor` when a metric has not improved for `patience` epochs. `history` has the rate as
 * `learning_rate`. Throws a TypeError when training begins with an optimizer that is not of this package, or whose rate is a
 * schedule or a function: Keras throws at the first reduction. Source: `keras.callbacks.ReduceLROnPlateau`.
 */
export class ReduceLROnPlateau extends MonitorCallback {
  /** Epochs since the last improvement. */
  wait = 0;
  /** Epochs that are left of a cooldown. */
  cooldownCounter = 0;
  readonly #factor: number;
  readonly #patience: number;
  readonly #verbose: number;
  readonly #cooldown: number;
  readonly #minLr: number;

  constructor(options: ReduceLROnPlateauOptions = {}) {
    argument("options").keys(options, KEYS);
    super(OWNER, options, 1e-4);
    const { factor = 0.1, patience = 10, verbose = 0, cooldown = 0, minLr = 0 } = options;
    this.#factor = argument("factor").number(factor);
    if (factor >= 1) throw argument("factor").badValue("be below 1", factor, "Pass 0.1, for example.");
    this.#patience = argument("patience").number(patience);
    this.#verbose = argument("verbose").number(verbose);
    this.#cooldown = argument("cooldown").number(cooldown);
    this.#minLr = argument("minLr").number(minLr);
  }

  /** Whether it waits after a reduction. */
  inCooldown(): boolean {
    return this.cooldownCounter > 0;
  }

  /** Begins to count. Throws unless the learning rate can be set. */
  override async onTrainBegin(): Promise<void> {
    await super.onTrainBegin();
    for (const rated of ratedOf(OWNER, this.model)) checkSettable(argument("learningRate"), rated);
    this.best = null;
    this.cooldownCounter = 0;
    this.wait = 0;
  }

  /** Reduces the learning rate, if it is time. */
  override async onEpochEnd(epoch: number, logs: UnresolvedLogs = {}): Promise<void> {
    this.chooseDirection();
    logRates(OWNER, this.model, logs);
    const current = await this.watched(logs);
    if (current === null) {
      const problem = `Learning rate reduction is conditioned on metric \`${this.monitor}\` which is not available.`;
      warnOnce(`${problem} Available metrics are: ${Object.keys(logs).join(",")}.`);
      return;
    }
    if (this.inCooldown()) {
      this.cooldownCounter--;
      this.wait = 0;
    }
    if (this.isImprovement(current, this.best)) {
      this.best = current;
      this.wait = 0;
      return;
    }
    if (this.inCooldown() || ++this.wait < this.#patience) return;
    const all = ratedOf(OWNER, this.model);
    const reduced = all.filter((rated) => this.#reduce(rated, epoch, all.length > 1 ? ` ${rated.name}` : ""));
    if (reduced.length === 0) return;
    this.cooldownCounter = this.#cooldown;
    this.wait = 0;
  }

  /** Whether it could be reduced. */
  #reduce(rated: Rated, epoch: number, name: string): boolean {
    const old = Math.fround(rated.learningRate);
    if (!(old > Math.fround(this.#minLr))) return false;
    const rate = Math.max(old * this.#factor, this.#minLr);
    rated.learningRate = rate;
    if (this.#verbose > 0) {
      print(`\nEpoch ${epoch + 1}: ${OWNER} reducing${name} learning rate to ${pythonNumber(rate)}.`);
    }
    return true;
  }
}
