// `--checkpoint` and `--resume`: the run after each epoch as a file, and going on from the last one in every bit.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { latestCheckpoint, writeCheckpoint } from "rmsprop/node";
import { loadCheckpoint, type RMSprop, saveCheckpoint } from "rmsprop/tfjs";
import type { Options } from "./options.js";

const KEPT = 3;

/** What decides batches and steps besides the state: another value would make another run of it. */
function courseOf({ seed, batchSize, rmsprop, schedule, epochs }: Options): string {
  // Only a schedule looks at the end of the run.
  return JSON.stringify({ seed, batchSize, schedule, ...rmsprop, ...(schedule === "constant" ? {} : { epochs }) });
}

/** Writes the run as it is after an epoch; the last few files are kept. */
export function saveRun(folder: string, epoch: number, options: Options, model: tfl.LayersModel, own: RMSprop): void {
  const bytes = saveCheckpoint(own, variablesOf(model), { epoch: String(epoch), course: courseOf(options) });
  writeCheckpoint(join(folder, `digits-${epoch}.safetensors`), bytes, { keep: KEPT });
}

/** Restores the last run of a folder; returns the epochs it has had, 0 where there is none. */
export function resumeRun(folder: string, options: Options, model: tfl.LayersModel, own: RMSprop): number {
  const path = latestCheckpoint(folder);
  if (path === null) return 0;
  const { epoch, course } = loadCheckpoint(readFileSync(path), own, variablesOf(model));
  if (course === courseOf(options)) return Number(epoch);
  throw new RangeError(
    `--resume: ${path} is of a run with other options: ${course}. Pass the same ones, or another --checkpoint.`,
  );
}

function variablesOf(model: tfl.LayersModel): tf.Variable[] {
  return model.weights.map((weight) => weight.read() as tf.Variable); // nothing else is a weight
}
