// One run over several parts, each here or in Keras; what is handed over is a .weights.h5 file, and is compared on both sides.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { loadWeights, saveWeights } from "rmsprop/keras/tfjs";
import { RMSprop } from "rmsprop/tfjs";
import { CLASSES, type Digits, PIXELS } from "../digits/data.js";
import { createModel } from "../digits/model.js";
import { createRandom, shuffledIndices } from "../shared/random.js";
import { type Job, type KerasPart, trainInKeras } from "./keras.js";
import { type Comparison, compareStates, stateOf } from "./state.js";

/** Where a part is trained: in TypeScript, or in Keras on a backend, spread over devices or not. */
export type Place = "typescript" | Pick<Job, "backend" | "distribution">;

export interface Part {
  readonly place: Place;
  /** The mean over the batches of each epoch. */
  readonly losses: readonly number[];
  readonly devices: number;
  readonly sharding: string;
}

/** A change of place, with both sides compared. */
export interface HandOver {
  readonly to: Place;
  readonly comparison: Comparison;
  readonly iteration: number;
}

export interface Course {
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
}

const OPTIONS = { learningRate: 5e-4, momentum: 0.9, centered: true, weightDecay: 0.004, clipnorm: 1 } as const;

/** Trains the parts one after the other, `epochs` each. `say` is told what goes on. */
export async function runParts(
  places: readonly Place[],
  data: Digits,
  course: Course,
  { python, folder }: { readonly python: string; readonly folder: string },
  say: (line: string) => void,
): Promise<{ parts: Part[]; handOvers: HandOver[] }> {
  const optimizer = new RMSprop(OPTIONS);
  const model = createModel(course.seed, optimizer);
  const random = createRandom(course.seed);
  const [there, back] = ["to-keras.weights.h5", "from-keras.weights.h5"].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  const parts: Part[] = [];
  const handOvers: HandOver[] = [];
  for (const [i, place] of places.entries()) {
    const orders = ordersOf(data, course, random);
    if (place === "typescript") {
      parts.push({ place, devices: 1, sharding: "", losses: await trainHere(model, data, orders, course) });
    } else {
      const weightsIn = i === 0 ? null : there;
      if (weightsIn !== null) writeFileSync(weightsIn, await saveWeights(model));
      const before = await stateOf(model, optimizer);
      const job = { ...place, ...course, ...data, orders, weightsIn, weightsOut: back, config: optimizer.getConfig() };
      const part = await trainInKeras(python, folder, job);
      if (weightsIn !== null) handOvers.push(handOver(place, compareStates(before, part.began), optimizer));
      await takeBack(model, back);
      handOvers.push(handOver("typescript", compareStates(await stateOf(model, optimizer), part.ended), optimizer));
      parts.push({ place, ...factsOf(part) });
    }
    say(textOf(parts.at(-1) as Part));
  }
  model.dispose();
  optimizer.dispose();
  return { parts, handOvers };
}

export function nameOf(place: Place): string {
  if (place === "typescript") return "TypeScript";
  const { backend, distribution } = place;
  const spread = { none: "", data: ", DataParallel, 8 devices", model: ", ModelParallel, 4 by 2" }[distribution];
  return `Keras on ${backend === "jax" ? "JAX" : "TensorFlow"}${spread}`;
}

function textOf({ place, losses, devices, sharding }: Part): string {
  const spread = devices > 1 ? `, ${devices} devices, first kernel ${sharding}` : "";
  return `${nameOf(place).padEnd(44)} loss ${losses.map((loss) => loss.toFixed(4)).join(" ")}${spread}`;
}

function handOver(to: Place, comparison: Comparison, { iterations: iteration }: RMSprop): HandOver {
  return { to, comparison, iteration };
}

function factsOf({ losses, devices, sharding }: KerasPart): Omit<Part, "place"> {
  return { losses, devices, sharding };
}

async function takeBack(model: tfl.LayersModel, path: string): Promise<void> {
  const { optimizerProblem } = await loadWeights(model, readFileSync(path));
  if (optimizerProblem !== null) throw new Error(`hand-over: ${optimizerProblem}`);
}

/** The rows of whole batches, shuffled for each epoch: every part sees batches that eight devices can share. */
function ordersOf({ labels }: Digits, { epochs, batchSize }: Course, random: () => number): Int32Array {
  const used = labels.length - (labels.length % batchSize);
  const orders = Array.from({ length: epochs }, () => shuffledIndices(labels.length, random).subarray(0, used));
  return Int32Array.from(orders.flatMap((order) => [...order]));
}

async function trainHere(model: tfl.LayersModel, data: Digits, orders: Int32Array, course: Course): Promise<number[]> {
  const { epochs, batchSize } = course;
  const batches = orders.length / epochs / batchSize;
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (let batch = 0; batch < batches; batch++) {
      const from = (epoch * batches + batch) * batchSize;
      sum += await trainOnBatch(model, data, orders.subarray(from, from + batchSize));
    }
    losses.push(sum / batches);
  }
  return losses;
}

async function trainOnBatch(model: tfl.LayersModel, { pixels, labels }: Digits, rows: Int32Array): Promise<number> {
  const images = Array.from(rows, (row) => pixels.subarray(row * PIXELS, (row + 1) * PIXELS));
  const x = tf.tensor2d(
    images.flatMap((image) => [...image]),
    [rows.length, PIXELS],
  );
  const digits = Int32Array.from(rows, (row) => labels[row] ?? 0);
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(digits, "int32"), CLASSES), "float32"));
  const [loss] = [await model.trainOnBatch(x, y)].flat(); // the loss, then the metrics
  tf.dispose([x, y]);
  return loss ?? Number.NaN;
}
