// tfjs/callbacks/backup/: the callback that lets a fit survive, and where its backups lie.
//
// What a place for backups can do. Which there are is in store-choice.ts.

/** Where a `BackupAndRestore` keeps its two files, by their names. What it gives may be a promise. */
export interface BackupStore {
  /** The bytes under a name; null or undefined for none. */
  read(name: string): Uint8Array | null | undefined | Promise<Uint8Array | null | undefined>;
  /** Puts bytes under a name, in the place of those that are there. */
  write(name: string, bytes: Uint8Array): void | Promise<void>;
  /** Removes what is under a name, if there is something. */
  remove(name: string): void | Promise<void>;
}
