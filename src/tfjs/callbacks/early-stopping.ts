// EarlyStopping: training ends when a metric has stopped improving, with the weights of the best epoch if one likes.
import * as tf from "@tensorflow/tfjs-core";
import { argumentsOf } from "../../check/argument.js";
import { print, warnOnce } from "../../check/warn.js";
import type { UnresolvedLogs } from "./logs.js";
import { MonitorCallback, type MonitorOptions } from "./monitor-callback.js";
import { whenFitEnds } from "./while-training.js";

/** The options of `EarlyStopping`. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** By how much a value has to be better to count as an improvement; by default 0. */
  readonly minDelta?: number | undefined;
  /** Epochs without an improvement after which training ends; by default 0. */
  readonly patience?: number | undefined;
  /** 1 prints what it does; 0, the default, nothing. */
  readonly verbose?: number | undefined;
  /** A value that has to be beaten as well; null, the default, for none. */
  readonly baseline?: number | null | undefined;
  /** Whether the weights are those of the best epoch when training has ended; by default those of the last one. */
  readonly restoreBestWeights?: boolean | undefined;
  /** The first epoch that counts, by default 0. */
  readonly startFromEpoch?: number | undefined;
}

const OWNER = "EarlyStopping";
const KEYS = [
  ...["monitor", "minDelta", "patience", "verbose", "mode", "baseline"],
  ...["restoreBestWeights", "startFromEpoch"],
];
const argument = argumentsOf(OWNER);

/**
 * Ends training when a metric has not improved for `patience` epochs, whatever the optimizer. With `restoreBestWeights` the
 * weights become those of the best epoch, also when something else ended training; the optimizer keeps its state. Where that of
 * `tfl.callbacks` differs, Keras holds: the first epoch never ends training. Source: `keras.callbacks.EarlyStopping`.
 */
export class EarlyStopping extends MonitorCallback {
  /** Epochs since the last improvement. */
  wait = 0;
  /** The epoch, from 0, after which it ended training; 0 for none. */
  stoppedEpoch = 0;
  /** The epoch, from 0, with the best value. */
  bestEpoch = 0;
  readonly #patience: number;
  readonly #verbose: number;
  readonly #baseline: number | null;
  readonly #restores: boolean;
  readonly #startFromEpoch: number;
  /** Clones, which share their memory with the weights until those change. */
  #bestWeights: readonly tf.Tensor[] | null = null;

  constructor(options: EarlyStoppingOptions = {}) {
    argument("options").keys(options, KEYS);
    super(OWNER, options);
    const { patience = 0, verbose = 0, baseline = null, restoreBestWeights = false, startFromEpoch = 0 } = options;
    this.#patience = argument("patience").number(patience);
    this.#verbose = argument("verbose").number(verbose);
    this.#baseline = argument("baseline").numberOrNull(baseline);
    this.#restores = argument("restoreBestWeights").boolean(restoreBestWeights);
    this.#startFromEpoch = argument("startFromEpoch").number(startFromEpoch);
  }

  /** Begins to count. */
  override async onTrainBegin(): Promise<void> {
    await super.onTrainBegin();
    this.wait = 0;
    this.stoppedEpoch = 0;
    this.best = null;
    this.bestEpoch = 0;
    this.#keepWeights(null);
    whenFitEnds(this.model, () => this.#keepWeights(null));
  }

  /** Ends training, if it is time. */
  override async onEpochEnd(epoch: number, logs: UnresolvedLogs = {}): Promise<void> {
    this.chooseDirection();
    const current = await this.watched(logs);
    if (current === null) {
      const problem = `Early stopping conditioned on metric \`${this.monitor}\` which is not available.`;
      warnOnce(`${problem} Available metrics are: ${Object.keys(logs).join(",")}`);
    }
    if (current === null || epoch < this.#startFromEpoch) return;
    // Of values that never improve, such as NaN, the first one's weights are the best.
    if (this.#restores && this.#bestWeights === null) this.#takeBest(epoch);
    this.wait++;
    if (this.isImprovement(current, this.best)) {
      this.best = current;
      this.#takeBest(epoch);
      if (this.#baseline === null || this.isImprovement(current, this.#baseline)) this.wait = 0;
    } else if (this.wait >= this.#patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  /** Puts the best weights back. */
  override async onTrainEnd(): Promise<void> {
    if (this.stoppedEpoch > 0) this.#say(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (this.#bestWeights === null) return;
    this.#say(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    this.model.setWeights([...this.#bestWeights]);
    this.#keepWeights(null);
  }

  #takeBest(epoch: number): void {
    this.bestEpoch = epoch;
    if (this.#restores) this.#keepWeights(this.model.getWeights().map((weight) => tf.keep(weight.clone())));
  }

  #keepWeights(weights: readonly tf.Tensor[] | null): void {
    tf.dispose([...(this.#bestWeights ?? [])]);
    this.#bestWeights = weights;
  }

  #say(message: string): void {
    if (this.#verbose > 0) print(message);
  }
}
