// The worker that reads a file of a visitor's: it has one for itself, which ends with it, whatever is in the file.
import { COLUMNS, cellsOf, factsOf, printable, printableLines } from "../../../../src/inspect/print.js";
import { reportOf } from "../../../../src/inspect/report.js";
import { isOwn, type Saved, savedOf } from "./checkpoint.js";

/** What the command line would print of the file, or why it cannot be read, in words. */
export type FileAnswer =
  | {
      readonly facts: readonly (readonly [name: string, text: string])[];
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
      /** Arrays that are not among the rows. */
      readonly more: number;
      /** The run to go on with, if it is a checkpoint of this page. */
      readonly saved: Saved | null;
    }
  | { readonly problem: string };

const MOST_ROWS = 300;
const MOST_TEXT = 4000;
const GIBIBYTE = 2 ** 30;

self.onmessage = async ({ data: file }: MessageEvent<File>) => {
  self.postMessage(
    await answerTo(file).catch((error: unknown): FileAnswer => {
      return { problem: error instanceof Error ? printable(error.message) : String(error) };
    }),
  );
};

async function answerTo(file: File): Promise<FileAnswer> {
  if (file.size > GIBIBYTE)
    throw new Error(`"${file.name}" has more than 1 GiB. npx rmsprop inspect reads it on the command line.`);
  const bytes = await contentsOf(file);
  const report = await reportOf(file.name, bytes);
  return {
    facts: factsOf(report).map(([name, value]) => [printable(name), shortened(printableLines(String(value)))]),
    columns: COLUMNS,
    rows: report.arrays.slice(0, MOST_ROWS).map(cellsOf),
    more: Math.max(0, report.arrays.length - MOST_ROWS),
    saved: isOwn(report.metadata) ? savedOf(bytes, report.metadata) : null,
  };
}

async function contentsOf(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new Error(`"${file.name}" cannot be read: it is a folder, or was changed or removed.`, { cause });
  }
}

function shortened(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
