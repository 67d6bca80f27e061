/// <reference types="node" />
// What the system refuses, as an error of this package: which file, what was tried, why, and what it means.
import { isError } from "../check/built-ins.js";

/** Thrown when a file cannot be read or written. */
export class CheckpointFileError extends Error {
  override readonly name = "CheckpointFileError";
  readonly path: string;
  /** The system's code, such as `"ENOSPC"` when the disk is full; null where it gave none. */
  readonly code: string | null;

  constructor(owner: string, what: string, path: string, cause: unknown, remedy: string) {
    const code = codeOf(cause);
    const reason = code === null ? String(cause) : (REASONS[code] ?? code);
    super(`${owner}: cannot ${what} ${JSON.stringify(path)}: ${reason}. ${remedy}`, { cause });
    this.path = path;
    this.code = code;
  }
}

/** The system's code of an error, or null. */
export function codeOf(error: unknown): string | null {
  return isError(error) && "code" in error && typeof error.code === "string" ? error.code : null;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission is denied (EACCES)",
  EPERM: "permission is denied (EPERM)",
  EROFS: "it is on a disk that cannot be written (EROFS)",
  ENOSPC: "no space is left on the disk (ENOSPC)",
  EDQUOT: "the quota of the disk is used up (EDQUOT)",
  EFBIG: "files there cannot be that large (EFBIG)",
  EIO: "the disk failed (EIO)",
  ENOENT: "there is no such file (ENOENT)",
  ENOTDIR: "a part of the path is no folder (ENOTDIR)",
  EISDIR: "it is a folder (EISDIR)",
  ELOOP: "its links lead in a circle (ELOOP)",
  ENAMETOOLONG: "the name is too long (ENAMETOOLONG)",
};
