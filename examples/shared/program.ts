// What the examples' programs have in common: a folder for pictures, facts in two columns, and how they end when refused.
import { mkdirSync } from "node:fs";

/** Makes the folder of `--out`, or throws a RangeError that names it. */
export function createFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new RangeError(`--out: cannot make the folder "${folder}": ${(cause as Error).message}`, { cause });
  }
}

/** Prints pairs of name and value in two columns. */
export function printFacts(facts: readonly (readonly [string, string])[]): void {
  for (const [name, value] of facts) {
    console.log(`${name.padEnd(10)}${value}`);
  }
}

/** Seconds since `start`, for the end of the facts. */
export function secondsSince(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s in all`;
}

/** A refused value is the user's to mend: one line that names it. Anything else is a bug and keeps its stack. */
export function reportRefusal(error: unknown): void {
  const refused = error instanceof RangeError || error instanceof TypeError;
  if (!refused || !/^[\w-]+: /.test(error.message)) {
    throw error;
  }
  console.error(`error: ${error.message.replaceAll("\n", " ")}`);
  process.exitCode = 1;
}
