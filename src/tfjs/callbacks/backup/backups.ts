// The two places that backups take in turns: while one is written, the other is whole.
import { argumentsOf } from "../../../check/argument.js";
import { isBytes, isErrorNamed } from "../../../check/built-ins.js";
import { StateError } from "../../../check/errors.js";
import { warnOnce } from "../../../check/warn.js";
import { checkLoadOptions } from "../../../checkpoint/check-arguments.js";
import { readRun } from "../../../checkpoint/saved-run.js";
import type { BackupStore } from "./backup-store.js";

/** A backup that is whole. */
export interface Backup {
  readonly bytes: Uint8Array;
  readonly epoch: number;
}

const OWNER = "BackupAndRestore";
const argument = argumentsOf(OWNER);
const NAMES = ["backup-0.safetensors", "backup-1.safetensors"] as const;

interface Place {
  readonly name: string;
  readonly backup: (Backup & { readonly number: number }) | null;
  /** What is wrong with it, if something is. */
  readonly problem: string | null;
}

export class Backups {
  readonly #store: BackupStore;
  /** Of the last one that was written or read. */
  #number = 0;

  constructor(store: BackupStore) {
    this.#store = store;
  }

  /** The last backup that is whole, or null. A StateError when there are backups, and none is whole. */
  async last(): Promise<Backup | null> {
    const places = await Promise.all(NAMES.map((name) => this.#look(name)));
    const whole = places.flatMap(({ backup }) => (backup === null ? [] : [backup]));
    const [last = null] = whole.sort((a, b) => b.number - a.number);
    const broken = places.find(({ problem }) => problem !== null);
    this.#number = last?.number ?? (broken?.name === NAMES[1] ? 1 : 0);
    if (broken === undefined) return last;
    const problem = `the backup ${broken.name} is broken. ${broken.problem}`;
    if (last === null) {
      const remedy = "There is none before it: remove it to begin from the first epoch, or put back a copy of it.";
      throw new StateError(OWNER, `${problem} ${remedy}`);
    }
    warnOnce(`${OWNER}: ${problem} Training goes on from the one before, at epoch ${last.epoch + 1}.`);
    return last;
  }

  /** Writes the next one, and with `keepsOne` removes the one before. */
  async write(bytesOf: (number: number) => Uint8Array, keepsOne: boolean): Promise<void> {
    const number = this.#number + 1;
    await this.#store.write(nameOf(number), bytesOf(number));
    this.#number = number;
    if (keepsOne) await this.#store.remove(nameOf(number + 1));
  }

  /** Removes all of them. */
  async remove(): Promise<void> {
    for (const name of NAMES) await this.#store.remove(name);
    this.#number = 0;
  }

  async #look(name: string): Promise<Place> {
    const bytes: unknown = await this.#store.read(name);
    if (bytes === null || bytes === undefined) return { name, backup: null, problem: null };
    if (!isBytes(bytes)) {
      const remedy = "Let it give the bytes that were written under that name, and null for none.";
      throw argument("backupDir.read").badKind("give a Uint8Array or null", bytes, remedy);
    }
    try {
      const { metadata } = readRun(argument("backup"), bytes, checkLoadOptions(argument));
      const [epoch, number] = [Number(metadata.epoch), Number(metadata.backup)];
      const isBackup = Number.isSafeInteger(epoch) && Number.isSafeInteger(number) && nameOf(number) === name;
      if (isBackup) return { name, backup: { bytes, epoch, number }, problem: null };
      return { name, backup: null, problem: "It is a checkpoint, but none that this callback wrote." };
    } catch (error) {
      if (!isErrorNamed("RangeError", error)) throw error;
      return { name, backup: null, problem: error.message };
    }
  }
}

const nameOf = (number: number): string => NAMES[number % 2 === 0 ? 0 : 1];
