// A process of its own: loads each model of the JSON in a file, trains on, and prints the bits that it ends with.
import { readFileSync } from "node:fs";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { RMSprop } from "rmsprop/tfjs";
import "rmsprop/tfjs";
import { type Backend, bits, startBackend } from "./backends.js";
import { loaded } from "./files.js";
import { createData, trainOnBatch, weightBits } from "./models.js";

export interface Job {
  readonly model: string;
  readonly steps: number;
  /** Train this layer later than the other. */
  readonly frozenFirst?: string;
}

/** What a model and its optimizer are, in bits. */
export function stateOf(model: tfl.LayersModel): string[] {
  // The optimizer is one of this package.
  const { variables } = model.optimizer as RMSprop;
  return [...weightBits(model), ...variables.map(({ value }) => bits(value))];
}

/** Trains on, and gives the state in the end. */
export async function resumed({ model: text, steps, frozenFirst }: Job): Promise<string[]> {
  const model = await loaded(text);
  const { optimizer } = model;
  const data = createData();
  const compile = (frozen: string | undefined, trainable: boolean): void => {
    if (frozen === undefined) return;
    model.getLayer(frozen).trainable = trainable;
    model.compile({ optimizer, loss: "categoricalCrossentropy" });
  };
  compile(frozenFirst, false);
  if (frozenFirst !== undefined) await trainOnBatch(model, data, 1);
  compile(frozenFirst, true);
  await trainOnBatch(model, data, steps);
  const state = stateOf(model);
  for (const made of [model, optimizer, data.x, data.y]) made.dispose();
  return state;
}

const [, , path, backend] = process.argv;
if (path?.endsWith("jobs.json")) {
  await startBackend(backend as Backend);
  const jobs: readonly Job[] = JSON.parse(readFileSync(path, "utf8"));
  const states = [];
  for (const job of jobs) states.push(await resumed(job));
  console.log(JSON.stringify(states));
}
