// ModelCheckpoint: saves the model after epochs or batches, all of them or the best.
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { argumentsOf } from "../../../check/argument.js";
import { print, warnOnce } from "../../../check/warn.js";
import { nameIn, type UnresolvedLogs, withNumbersOnly } from "../logs.js";
import { MonitorCallback, type MonitorOptions } from "../monitor-callback.js";
import { fixed, formatted } from "./python-format.js";
import { type SaveFrequency, SaveTimes } from "./save-times.js";

/**
 * Saves a model under a path by means of your own, or gives the handler that TensorFlow.js is to save it with. It is awaited.
 */
export type SaveModel = (
  path: string,
  model: tfl.LayersModel,
) => tf.io.IOHandler | undefined | Promise<tf.io.IOHandler | undefined> | Promise<void>;

/** The options of `ModelCheckpoint`. */
export interface ModelCheckpointOptions extends MonitorOptions {
  /** 1 prints what it does; 0, the default, nothing. */
  readonly verbose?: number | undefined;
  /** Whether to save only what is better than all before; by default not. */
  readonly saveBestOnly?: boolean | undefined;
  /** Whether to leave the optimizer out; the handlers of TensorFlow.js save the topology in any case. By default not. */
  readonly saveWeightsOnly?: boolean | undefined;
  /** `"epoch"`, the default, or a number of batches. */
  readonly saveFreq?: SaveFrequency | undefined;
  /** What the first model has to be better than to be saved with `saveBestOnly`; null, the default, for nothing. */
  readonly initialValueThreshold?: number | null | undefined;
  /** Saves the model under the path, where it is no URL that TensorFlow.js knows: ours alone. */
  readonly save?: SaveModel | undefined;
}

const OWNER = "ModelCheckpoint";
const KEYS = [
  ...["monitor", "verbose", "saveBestOnly", "saveWeightsOnly", "mode", "saveFreq"],
  ...["initialValueThreshold", "save"],
];
const argument = argumentsOf(OWNER);

/**
 * Saves the model, with the state of its optimizer, after each epoch or after so many batches. Works with any optimizer.
 * Source: `keras.callbacks.ModelCheckpoint`.
 *
 * A path is a URL for `model.save`: `"indexeddb://"`, `"localstorage://"`, `"downloads://"` in a page, `"file://"` where
 * tfjs-node is installed. It may have the epoch and what logs have in it, counted from 1 and written as in Keras:
 * `"indexeddb://{epoch:02d}-{val_loss:.2f}"`. With `save` it is any text.
 */
export class ModelCheckpoint extends MonitorCallback {
  readonly #target: string | tf.io.IOHandler;
  readonly #verbose: number;
  readonly #bestOnly: boolean;
  readonly #weightsOnly: boolean;
  readonly #times: SaveTimes;
  readonly #save: SaveModel | null;
  #epoch = 0;

  /** @param filepath a URL or other path, in which names may stand in braces, or a handler of TensorFlow.js */
  constructor(filepath: string | tf.io.IOHandler, options: ModelCheckpointOptions = {}) {
    argument("options").keys(options, KEYS);
    super(OWNER, options);
    const isHandler = typeof filepath === "object" && typeof filepath?.save === "function";
    if (!isHandler && (typeof filepath !== "string" || filepath === "")) {
      const remedy = 'Pass "indexeddb://{epoch:02d}", for example.';
      throw argument("filepath").badKind("be a path or a handler of TensorFlow.js that saves", filepath, remedy);
    }
    const { verbose = 0, saveBestOnly = false, saveWeightsOnly = false, saveFreq = "epoch", save } = options;
    this.#target = filepath;
    this.#verbose = argument("verbose").number(verbose);
    this.#bestOnly = argument("saveBestOnly").boolean(saveBestOnly);
    this.#weightsOnly = argument("saveWeightsOnly").boolean(saveWeightsOnly);
    this.#times = new SaveTimes(argument("saveFreq"), saveFreq);
    this.best = argument("initialValueThreshold").numberOrNull(options.initialValueThreshold ?? null);
    if (save !== undefined) argument("save").callable(save);
    this.#save = save ?? null;
  }

  /** Throws when nobody can save under such a path. */
  override async onTrainBegin(): Promise<void> {
    await super.onTrainBegin();
    const target = this.#target;
    if (this.#save !== null || typeof target !== "string" || tf.io.getSaveHandlers(target).length > 0) return;
    const remedy = "Pass save: (path, model) => ..., which saves it; file:// needs tfjs-node.";
    throw argument("filepath").badValue("be a URL that TensorFlow.js saves models under here", target, remedy);
  }

  /** Notes the epoch. */
  override async onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch;
  }

  /** Saves the model, if it is time. */
  override async onBatchEnd(batch: number, logs?: UnresolvedLogs): Promise<void> {
    if (this.#times.isDue()) await this.#saveIfBetter(logs, batch);
  }

  /** Saves the model, if it is time. */
  override async onEpochEnd(epoch: number, logs?: UnresolvedLogs): Promise<void> {
    this.#epoch = epoch;
    if (this.#times.isByEpoch) await this.#saveIfBetter(logs, null);
  }

  async #saveIfBetter(unresolved: UnresolvedLogs | undefined, batch: number | null): Promise<void> {
    const logs = await withNumbersOnly(unresolved);
    const path = this.#pathOf(logs, batch);
    if (!this.#isToBeSaved(logs, path)) return;
    const saved = this.#save === null ? this.#target : await this.#save(path, this.whole);
    const target = this.#save === null && typeof saved === "string" ? path : saved;
    if (target) await this.whole.save(target, { includeOptimizer: !this.#weightsOnly });
    this.#say(`finished saving model to ${path}`);
  }

  #pathOf(logs: Readonly<Record<string, number>>, batch: number | null): string {
    if (typeof this.#target !== "string") return "a handler";
    const counts = { epoch: this.#epoch + 1, ...(batch === null ? {} : { batch: batch + 1 }) };
    const { batch: _, ...floats } = logs; // TensorFlow.js counts from 0
    const known = "acc" in floats ? { accuracy: floats.acc, ...floats } : floats;
    const both = "val_acc" in floats ? { val_accuracy: floats.val_acc, ...known } : known;
    return formatted(argument("filepath"), this.#target, counts, both as Record<string, number>); // numbers all
  }

  #isToBeSaved(logs: Readonly<Record<string, number>>, path: string): boolean {
    if (!this.#bestOnly) {
      this.#say(`saving model to ${path}`);
      return true;
    }
    const current = logs[nameIn(logs, this.monitor)];
    if (current === undefined) {
      warnOnce(`Can save best model only with ${this.monitor} available.`);
      return true;
    }
    this.chooseDirection();
    const before = this.best === null ? "None" : fixed(this.best, 5);
    if (!this.isImprovement(current, this.best)) {
      this.#say(`${this.monitor} did not improve from ${before}`);
      return false;
    }
    this.#say(`${this.monitor} improved from ${before} to ${fixed(current, 5)}, saving model to ${path}`);
    this.best = current;
    return true;
  }

  #say(message: string): void {
    if (this.#verbose > 0) print(`\nEpoch ${this.#epoch + 1}: ${message}`);
  }
}
