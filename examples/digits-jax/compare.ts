// Trains the classifier of examples/digits with jax-js and rmsprop/jax: without momentum, and with it beside.
import { defaultDevice, init } from "@jax-js/jax";
import type { TransformationOptions } from "rmsprop/jax";
import { writeChart } from "../digits/chart.js";
import { type Split, splitDigits } from "../digits/data.js";
import { loadDigits } from "../digits/load.js";
import { type NamedRun, printEpoch, printHead } from "../digits/report.js";
import { medianOf } from "../digits/timing.js";
import { createFolder, printFacts, secondsSince } from "../shared/program.js";
import { createProgress } from "../shared/progress.js";
import { NETWORK } from "./model.js";
import { train } from "./train.js";

const COURSE = { epochs: 10, batchSize: 32, seed: 0 };
const FOLDER = "out/digits-jax";
const CONTENDERS: readonly (readonly [label: string, TransformationOptions])[] = [
  ["", { learningRate: 0.001 }],
  ["momentum 0.9", { learningRate: 0.0003, momentum: 0.9 }],
];

/** The whole of `npm run start:jax`. */
export async function compare(): Promise<void> {
  const start = performance.now();
  await init("wasm");
  createFolder(FOLDER);
  const data = splitDigits(loadDigits(), COURSE.seed);
  printFacts([
    ["Data", `${data.training.labels.length} digits to train on, ${data.heldOut.labels.length} held out`],
    ["Network", `${NETWORK}; loss is categorical cross-entropy in nats`],
    ["Backend", `jax-js, ${defaultDevice()}, each step one compiled function`],
  ]);
  const runs: NamedRun[] = [];
  for (const [label, options] of CONTENDERS) runs.push(await runOnce(label, options, data));
  const accuracies = runs.map(({ name, run }) => `${name} ${run.score.accuracy.toFixed(4)}`).join("; ");
  const caption = `jax-js, batches of ${COURSE.batchSize}\nheld-out accuracy after ${COURSE.epochs} epochs: ${accuracies}`;
  const files = writeChart(FOLDER, caption, runs);
  console.log();
  printFacts([
    ["Accuracy", `${accuracies}, on digits that training never saw`],
    ["Pictures", files.join(", ")],
    ["Time", secondsSince(start)],
  ]);
}

async function runOnce(label: string, options: TransformationOptions, split: Split): Promise<NamedRun> {
  const name = label === "" ? "rmsprop" : `rmsprop, ${label}`;
  printHead(name, JSON.stringify(options));
  const steps = COURSE.epochs * Math.floor(split.training.labels.length / COURSE.batchSize);
  const progress = createProgress(steps, `epoch {epoch}/${COURSE.epochs}  loss {loss}`, { epoch: 1, loss: "-" });
  const run = await train(options, split, COURSE, {
    onStep: (epoch, { loss }) => progress.step({ epoch, loss: loss.toFixed(3) }),
    onEpoch: (epoch) => progress.above(() => printEpoch(epoch)),
  });
  progress.stop();
  return { name, label, run, updateMs: medianOf(run.epochs.map(({ ms }) => (ms * COURSE.epochs) / steps)) };
}
