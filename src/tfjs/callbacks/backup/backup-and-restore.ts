// BackupAndRestore: a fit that was killed goes on at the epoch that it had come to.
import type * as tf from "@tensorflow/tfjs-core";
import { argumentsOf } from "../../../check/argument.js";
import { isErrorNamed } from "../../../check/built-ins.js";
import { StateError, StateMismatchError } from "../../../check/errors.js";
import { type AnyOptimizer, loadCheckpoint, saveCheckpoint } from "../../checkpoint.js";
import { optimizerOf } from "../learning-rates.js";
import { CallbackOfModel } from "../model-callback.js";
import { type SaveFrequency, SaveTimes } from "../saving/save-times.js";
import { whileTrained } from "../trained-weights.js";
import type { BackupStore } from "./backup-store.js";
import { type Backup, Backups } from "./backups.js";
import { storeOf } from "./store-choice.js";

/** The options of `BackupAndRestore`. */
export interface BackupAndRestoreOptions {
  /** `"epoch"`, the default, or a number of batches. */
  readonly saveFreq?: SaveFrequency | undefined;
  /** Whether the backup before the last one is kept, for when that is broken; by default not. */
  readonly doubleCheckpoint?: boolean | undefined;
  /** Whether the backups are removed when training has ended; by default they are. */
  readonly deleteCheckpoint?: boolean | undefined;
}

const OWNER = "BackupAndRestore";
const argument = argumentsOf(OWNER);

/**
 * Backs up the weights, the optimizer and the epoch, and goes on from there when the same program is started again. For `fit` and
 * `fitDataset` of this package, which begin with the epoch that it restores: `model.fit` cannot be told one by a callback, and
 * there it throws a StateError. Source: `keras.callbacks.BackupAndRestore`.
 *
 * Wherever it stands in the list it saves after all other callbacks, so that what they do at the end of an epoch is in the backup.
 * It restarts at the beginning of an epoch, as Keras' does; a run that was killed then ends with the bits of one that was
 * not, with `shuffle: false`, layers without randomness, and backups by the epoch. What other callbacks count begins anew.
 *
 * Throws a TypeError for an optimizer that is not of this package, a StateMismatchError for the backup of another model, a
 * StateError for one that is broken where there is none before it; then nothing has changed.
 */
export class BackupAndRestore extends CallbackOfModel {
  override readonly isLast: boolean = true;
  readonly #backups: Backups;
  readonly #times: SaveTimes;
  readonly #keepsOne: boolean;
  readonly #deletes: boolean;
  #isInFit = false;
  #epoch = 0;

  /** @param backupDir the path of a folder in Node, a name in IndexedDB in a page, or a store; of one run at a time */
  constructor(backupDir: string | BackupStore, options: BackupAndRestoreOptions = {}) {
    super(OWNER);
    this.#backups = new Backups(storeOf(argument("backupDir"), backupDir));
    argument("options").keys(options, ["saveFreq", "doubleCheckpoint", "deleteCheckpoint"]);
    this.#times = new SaveTimes(argument("saveFreq"), options.saveFreq ?? "epoch");
    this.#keepsOne = !argument("doubleCheckpoint").boolean(options.doubleCheckpoint ?? false);
    this.#deletes = argument("deleteCheckpoint").boolean(options.deleteCheckpoint ?? true);
  }

  /** Restores the last backup, if there is one. @internal */
  override async beforeFit(): Promise<number | null> {
    optimizerOf(OWNER, this.model);
    const backup = await this.#backups.last();
    if (backup !== null) this.#restore(backup);
    this.#isInFit = true;
    return backup?.epoch ?? null;
  }

  /** Removes the backups of a fit that has ended. @internal */
  override async afterFit(hasEnded: boolean): Promise<void> {
    this.#isInFit = false;
    if (hasEnded && this.#deletes) await this.#backups.remove();
  }

  /** Throws in a fit that does not begin with the epoch that it restores. */
  override async onTrainBegin(): Promise<void> {
    if (!this.#isInFit) {
      const problem = "model.fit and model.fitDataset cannot be told by a callback at which epoch to begin.";
      const remedy = 'Call fit(model, x, y, args) or fitDataset(model, dataset, args) of "rmsprop/tfjs".';
      throw new StateError(OWNER, `${problem} ${remedy}`);
    }
    await super.onTrainBegin();
  }

  /** Notes the epoch. */
  override async onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch;
  }

  /** Saves, if it is time. */
  override async onBatchEnd(batch: number): Promise<void> {
    if (this.#times.isDue()) await this.#save(this.#epoch, batch + 1);
  }

  /** Saves, if it is time. */
  override async onEpochEnd(epoch: number): Promise<void> {
    if (this.#times.isByEpoch) await this.#save(epoch + 1, 0);
  }

  async #save(epoch: number, batch: number): Promise<void> {
    const { optimizer, variables } = this.#run();
    const bytesOf = (number: number): Uint8Array => {
      const texts = { epoch: String(epoch), batch: String(batch), backup: String(number) };
      return whileTrained(this.model, () => saveCheckpoint(optimizer, variables, texts));
    };
    await this.#backups.write(bytesOf, this.#keepsOne);
  }

  #restore({ bytes }: Backup): void {
    const { optimizer, variables } = this.#run();
    try {
      loadCheckpoint(bytes, optimizer, variables);
    } catch (error) {
      if (!isErrorNamed("StateMismatchError", error)) throw error;
      const { expected, received } = error as StateMismatchError; // by its name
      const problem = "the backup is of another model or optimizer. Remove it, or pass another backupDir.";
      throw new StateMismatchError(OWNER, problem, expected, received);
    }
  }

  #run(): { readonly optimizer: AnyOptimizer; readonly variables: readonly tf.Variable[] } {
    const optimizer = optimizerOf(OWNER, this.model) as AnyOptimizer; // of this face
    const variables = this.model.weights.map((weight) => weight.read() as tf.Variable); // as layers keep them
    return { optimizer, variables };
  }
}
