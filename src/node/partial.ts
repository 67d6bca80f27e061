// The temporary file of a write: its name says whose it is, so that nobody removes one that another process still writes.
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { codeOf } from "./file-error.js";

const EXTENSION = ".partial";
const host: string = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** A name that no other write has: of this host, process and moment. */
export function partialOf(path: string): string {
  return `${path}.${host}-${process.pid}-${randomBytes(6).toString("hex")}${EXTENSION}`;
}

const PARTIAL = /^(.*)\.([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.partial$/s;

/** Removes the temporary files for which `isOurs` is true of the name that they would have taken, and whose writer has ended. */
export function removeDead(folder: string, names: readonly string[], isOurs: (name: string) => boolean): void {
  for (const name of names) {
    const [, target = "", of, pid] = PARTIAL.exec(name) ?? [];
    const path = join(folder, name);
    // Of another host nobody here can tell.
    if (of === host && isOurs(target) && hasEnded(Number(pid), path)) fs.rmSync(path, { force: true });
  }
}

/** Whether the process that wrote a file is gone. */
function hasEnded(pid: number, path: string): boolean {
  if (pid === process.pid) return isOlderThanThisProcess(path);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH"; // one of another user gives another code
  }
}

/** In containers a process has the number of the one before it. */
function isOlderThanThisProcess(path: string): boolean {
  const started = Date.now() - process.uptime() * 1000;
  return (fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? started) < started - CLOCKS_MS;
}

/** By which the clocks of a process and of a disk may differ. */
const CLOCKS_MS = 2000;
