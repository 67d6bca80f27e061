// Backups of a page, in IndexedDB: one database for all, in which a name is a run.
import { isBytes } from "../../../check/built-ins.js";
import type { BackupStore } from "./backup-store.js";

const DATABASE = "rmsprop-backups";
const FILES = "files";

/** Backups under a name. */
export function indexedDbStore(factory: IDBFactory, run: string): BackupStore {
  const keyOf = (name: string): string => `${run}/${name}`;
  return {
    read: async (name) => {
      const value: unknown = await within(factory, "readonly", (files) => files.get(keyOf(name)));
      return isBytes(value) ? value : null;
    },
    write: async (name, bytes) => {
      await within(factory, "readwrite", (files) => files.put(bytes, keyOf(name)));
    },
    remove: async (name) => {
      await within(factory, "readwrite", (files) => files.delete(keyOf(name)));
    },
  };
}

/** What a request gives, once its transaction is complete. */
async function within<T>(
  factory: IDBFactory,
  mode: IDBTransactionMode,
  ask: (files: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await opened(factory);
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(FILES, mode, { durability: "strict" });
      const request = ask(transaction.objectStore(FILES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(problemOf(transaction.error ?? request.error));
    });
  } finally {
    database.close();
  }
}

function opened(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(FILES);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(problemOf(request.error));
    request.onblocked = () => reject(problemOf(null));
  });
}

const problemOf = (cause: DOMException | null): Error =>
  new Error(`BackupAndRestore: IndexedDB failed: ${cause?.message ?? "another page holds it"}.`, { cause });
