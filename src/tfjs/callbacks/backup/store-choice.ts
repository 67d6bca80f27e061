// Which store a user means: a folder in Node, IndexedDB in a page, or what was passed.
import { Argument } from "../../../check/argument.js";
import { builtin } from "../../../check/node-builtin.js";
import type { BackupStore } from "./backup-store.js";
import { folderStore } from "./folder-store.js";
import { indexedDbStore } from "./indexed-db-store.js";

/** The store that a user means. */
export function storeOf(argument: Argument, backupDir: string | BackupStore): BackupStore {
  if (typeof backupDir === "object" && backupDir !== null) return checkedStore(argument, backupDir);
  const remedy = "Pass the path of a folder, in a page any name, or a store with read, write and remove.";
  if (typeof backupDir !== "string") throw argument.badKind("be a string or a store", backupDir, remedy);
  if (backupDir === "") throw argument.badValue("not be empty", backupDir, remedy);
  const fs = builtin<typeof import("node:fs")>("node:fs");
  if (fs !== null) return folderStore(fs, backupDir);
  if (globalThis.indexedDB) return indexedDbStore(globalThis.indexedDB, backupDir);
  const needs = "be a store where there is neither IndexedDB nor a Node from 20.16 on";
  throw argument.badKind(needs, backupDir, "Pass an object with read, write and remove.");
}

function checkedStore({ owner, name }: Argument, store: BackupStore): BackupStore {
  for (const method of ["read", "write", "remove"] as const) {
    new Argument(owner, `${name}.${method}`).callable(store[method]);
  }
  return store;
}
