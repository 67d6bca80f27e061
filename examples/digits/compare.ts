// Trains a small network on handwritten digits with every contender, and compares what came of it.
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop } from "rmsprop/tfjs";
import { startWasmBackend } from "../shared/backend.js";
import { createFolder, printFacts, secondsSince } from "../shared/program.js";
import { createProgress } from "../shared/progress.js";
import { writeChart } from "./chart.js";
import { resumeRun, saveRun } from "./checkpoint.js";
import { captionOf, conclusionOf } from "./conclusion.js";
import { type Contender, type Contenders, contendersOf } from "./contenders.js";
import { type Split, splitDigits } from "./data.js";
import { loadDigits } from "./load.js";
import { createModel, NETWORK, WEIGHT_SHAPES } from "./model.js";
import type { Options } from "./options.js";
import { type NamedRun, type NamedRuns, printComparison, printEpoch, printHead, printPlan } from "./report.js";
import { readResult } from "./result.js";
import { updateTimesMs } from "./timing.js";
import { type Run, train } from "./train.js";

/** The whole of `npm start`. */
export async function compare(options: Options): Promise<void> {
  const start = performance.now();
  const data = splitDigits(loadDigits(), options.seed);
  const steps = options.epochs * Math.ceil(data.training.labels.length / options.batchSize);
  const contenders = contendersOf(options, steps);
  await startWasmBackend();
  checkEarly(contenders, options.out);
  printPlan(data, options, NETWORK, `TensorFlow.js ${tf.version_core}, ${tf.getBackend()}`);
  const runs = await runAll(contenders, data, steps);
  printComparison(runs);
  for (const sentence of conclusionOf(runs, options, readResult())) console.log(`${sentence}\n`);
  const files = writeChart(options.out, captionOf(runs, options), runs);
  printFacts([
    ["Pictures", files.join(", ")],
    ["Time", secondsSince(start)],
  ]);
}

/** What can be refused is refused before the first step. */
function checkEarly(contenders: Contenders, folder: string): void {
  for (const { createOptimizer } of contenders) createOptimizer().dispose();
  createFolder(folder);
}

async function runAll(contenders: Contenders, data: Split, steps: number): Promise<NamedRuns> {
  const runs: Omit<NamedRun, "updateMs">[] = [];
  for (const each of contenders) runs.push({ ...each, run: await runOnce(each, data, steps) });
  const optimizers = contenders.map(({ createOptimizer }) => createOptimizer());
  const times = updateTimesMs(optimizers, WEIGHT_SHAPES);
  const named = runs.map((run, index) => ({ ...run, updateMs: times[index] ?? Number.NaN }));
  return named as [NamedRun, NamedRun, NamedRun]; // one for each contender
}

async function runOnce({ name, about, options, createOptimizer }: Contender, data: Split, steps: number): Promise<Run> {
  const optimizer = createOptimizer();
  const model = createModel(options.seed, optimizer);
  const own = optimizer instanceof RMSprop ? optimizer : null;
  const folder = own && options.checkpoint;
  const initialEpoch = own && folder && options.resume ? resumeRun(folder, options, model, own) : 0;
  printHead(name, initialEpoch > 0 ? `${about}; goes on after epoch ${initialEpoch}` : about);
  const format = `epoch {epoch}/${options.epochs}  loss {loss}  accuracy {accuracy}`;
  const progress = createProgress(steps, format, { epoch: 1, loss: "-", accuracy: "-" });
  const course = { ...options, initialEpoch, averages: own && options.rmsprop.useEma ? own : null };
  const run = await train(model, data, course, {
    onStep: (epoch, { loss, accuracy }) =>
      progress.step({ epoch, loss: loss.toFixed(3), accuracy: accuracy.toFixed(3) }),
    onEpoch: (epoch) => {
      if (own && folder) saveRun(folder, epoch.epoch, options, model, own);
      progress.above(() => printEpoch(epoch));
    },
  });
  progress.stop();
  model.dispose();
  optimizer.dispose();
  return run;
}
