// Backups in a folder. Node's modules are asked for when one is made, so that no bundle for pages has them.
import { isError } from "../../../check/built-ins.js";
import type { BackupStore } from "./backup-store.js";

type Fs = typeof import("node:fs");

/** Systems read and write at most 2 GiB in one call. */
const MOST_AT_ONCE = 2 ** 30;

/** A folder, made by the first write; a file holds what was there or what was written, whatever happens meanwhile. */
export function folderStore(fs: Fs, folder: string): BackupStore {
  const pathOf = (name: string): string => `${folder}/${name}`;
  const partialOf = (name: string): string => `${pathOf(name)}.partial`;
  const attempt = <T>(what: string, act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      throw new Error(`BackupAndRestore: cannot ${what} a backup in ${JSON.stringify(folder)}: ${String(cause)}`, {
        cause,
      });
    }
  };
  return {
    read: (name) => attempt("read", () => bytesOf(fs, pathOf(name))),
    write: (name, bytes) =>
      attempt("write", () => {
        fs.mkdirSync(folder, { recursive: true });
        onDisk(fs, partialOf(name), "w", (file) => writeAll(fs, file, bytes));
        fs.renameSync(partialOf(name), pathOf(name));
        syncFolder(fs, folder);
      }),
    remove: (name) =>
      attempt("remove", () => {
        for (const path of [pathOf(name), partialOf(name)]) fs.rmSync(path, { force: true });
        removeIfEmpty(fs, folder);
      }),
  };
}

function bytesOf(fs: Fs, path: string): Uint8Array | null {
  const size = fs.statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return null;
  const bytes = new Uint8Array(size);
  const file = fs.openSync(path, "r");
  try {
    let at = 0;
    for (let count = -1; count !== 0 && at < size; at += count) {
      count = fs.readSync(file, bytes, at, Math.min(MOST_AT_ONCE, size - at), at);
    }
    return bytes.subarray(0, at);
  } finally {
    fs.closeSync(file);
  }
}

/** Opens a file or folder, and returns when all of it is on the disk. */
function onDisk(fs: Fs, path: string, flags: "w" | "r", write: (file: number) => void): void {
  const file = fs.openSync(path, flags);
  try {
    write(file);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

function writeAll(fs: Fs, file: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.byteLength) at += fs.writeSync(file, bytes, at, Math.min(MOST_AT_ONCE, bytes.byteLength - at));
}

/** A new name is on the disk only when its folder is. */
function syncFolder(fs: Fs, folder: string): void {
  if (process.platform === "win32") return; // It has no such call, and needs none.
  onDisk(fs, folder, "r", () => undefined);
}

function removeIfEmpty(fs: Fs, folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch (error) {
    const code = isError(error) && "code" in error ? error.code : null;
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(String(code))) throw error;
  }
}
