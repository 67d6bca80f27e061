// Names of checkpoint files: the number in a name says which of them comes later.

import { basename } from "node:path";
import type { Argument } from "../check/argument.js";

export const EXTENSION = ".safetensors";

/** A name and the last number in it. */
export interface Numbered {
  readonly name: string;
  /** What the names of one run have in common. */
  readonly series: string;
  /** -1 for a name without one. */
  readonly number: bigint;
}

/** `"step-0100.safetensors"` is number 100 of the series `"step-*.safetensors"`. */
export function numberedName(name: string): Numbered {
  const [, start = "", digits = "-1", end = ""] = /^(.*?)(\d+)(\D*)$/s.exec(name) ?? [];
  const series = digits === "-1" ? name : `${start}*${end}`;
  return { name, series, number: BigInt(digits) };
}

/** The last one first: by number, and by name where numbers are the same. */
export function lastFirst(names: readonly string[]): Numbered[] {
  return names.map(numberedName).sort((a, b) => {
    if (a.number !== b.number) return a.number > b.number ? -1 : 1;
    return a.name > b.name ? -1 : 1;
  });
}

/** Throws unless it is the path of a checkpoint file. */
export function checkPath(argument: Argument, path: unknown): void {
  const remedy = `Pass a path such as "run/step-100${EXTENSION}".`;
  if (typeof path !== "string") throw argument.badKind("be a string", path, remedy);
  if (basename(path).endsWith(EXTENSION) && !path.includes("\0")) return;
  throw argument.badValue(`end in ${EXTENSION}, by which latestCheckpoint finds it`, path, remedy);
}
