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
const CONTENDERS: readonly (readonly [string, TransformationOptions])[] = [
  ["rmsprop", { learningRate: 0.001 }],
  ["rmsprop, momentum 0.9", { learningRate: 0.0003, momentum: 0.9 }],
];

await init("wasm");
const start = performance.now();
createFolder(FOLDER);
const data = splitDigits(loadDigits(), COURSE.seed);
printFacts([
  ["Data", `${data.training.labels.length} digits to train on, ${data.heldOut.labels.length} held out`],
  ["Network", `${NETWORK}; loss is categorical cross-entropy in nats`],
  ["Backend", `jax-js, ${defaultDevice()}, each step one compiled function`],
]);
const runs: NamedRun[] = [];
for (const [name, options] of CONTENDERS) runs.push(await runOnce(name, options, data));
const [first, second] = runs as [NamedRun, NamedRun]; // there are two contenders
const accuracies = runs.map(({ name, run }) => `${name} ${run.score.accuracy.toFixed(4)}`).join("; ");
const caption = `jax-js, batches of ${COURSE.batchSize}\nheld-out accuracy after ${COURSE.epochs} epochs: ${accuracies}`;
const files = writeChart(FOLDER, caption, first, second);
console.log();
printFacts([
  ["Accuracy", `${accuracies}, on digits that training never saw`],
  ["Pictures", files.join(", ")],
  ["Time", secondsSince(start)],
]);

async function runOnce(name: string, options: TransformationOptions, split: Split): Promise<NamedRun> {
  printHead(name, JSON.stringify(options));
  const steps = COURSE.epochs * Math.floor(split.training.labels.length / COURSE.batchSize);
  const progress = createProgress(steps, `epoch {epoch}/${COURSE.epochs}  loss {loss}`, { epoch: 1, loss: "-" });
  const run = await train(options, split, COURSE, {
    onStep: (epoch, { loss }) => progress.step({ epoch, loss: loss.toFixed(3) }),
    onEpoch: (epoch) => progress.above(() => printEpoch(epoch)),
  });
  progress.stop();
  return { name, run, updateMs: medianOf(run.epochs.map(({ ms }) => (ms * COURSE.epochs) / steps)) };
}
