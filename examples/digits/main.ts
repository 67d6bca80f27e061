// Trains a small network on handwritten digits with RMSprop, and again with tf.train.rmsprop beside it.
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop } from "rmsprop/tfjs";
import { startWasmBackend } from "../shared/backend.js";
import { createFolder, printFacts, reportRefusal, secondsSince } from "../shared/program.js";
import { createProgress } from "../shared/progress.js";
import { writeChart } from "./chart.js";
import { resumeRun, saveRun } from "./checkpoint.js";
import { type Split, splitDigits } from "./data.js";
import { loadDigits } from "./load.js";
import { createModel, createRmsprop, createTfRmsprop, NETWORK, WEIGHT_SHAPES } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { captionOf, printComparison, printEpoch, printHead, printPlan, settingsOf } from "./report.js";
import { updateTimesMs } from "./timing.js";
import { type Run, train } from "./train.js";

/** An optimizer that takes part. */
interface Contender {
  readonly name: string;
  readonly about: string;
  readonly createOptimizer: () => tf.Optimizer;
}

async function main(): Promise<void> {
  const start = performance.now();
  const options = parseOptions(process.argv.slice(2));
  const data = splitDigits(loadDigits(), options.seed);
  const steps = options.epochs * Math.ceil(data.training.labels.length / options.batchSize);
  const ours: Contender = {
    name: options.rmsprop.name,
    about: settingsOf(options),
    createOptimizer: () => createRmsprop(options, steps),
  };
  const theirs: Contender = {
    name: "tf.train.rmsprop",
    about: "the same run again: same initial weights, same batches",
    createOptimizer: () => createTfRmsprop(options.rmsprop),
  };

  await startWasmBackend();
  checkEarly(ours, options.out);
  printPlan(data, options, NETWORK, `TensorFlow.js ${tf.version_core}, ${tf.getBackend()}`);
  const ourRun = await runOnce(ours, data, options, steps);
  const theirRun = await runOnce(theirs, data, options, steps);

  const [ourUpdateMs, theirUpdateMs] = updateTimesMs([ours.createOptimizer(), theirs.createOptimizer()], WEIGHT_SHAPES);
  const first = { name: ours.name, run: ourRun, updateMs: ourUpdateMs };
  const second = { name: theirs.name, run: theirRun, updateMs: theirUpdateMs };
  printComparison(first, second, options);
  const files = writeChart(options.out, captionOf(first, second, options), first, second);
  printFacts([
    ["Pictures", files.join(", ")],
    ["Time", secondsSince(start)],
  ]);
}

/** What can be refused is refused before the first step. */
function checkEarly(contender: Contender, folder: string): void {
  contender.createOptimizer().dispose();
  createFolder(folder);
}

async function runOnce(
  { name, about, createOptimizer }: Contender,
  data: Split,
  options: Options,
  steps: number,
): Promise<Run> {
  const optimizer = createOptimizer();
  const model = createModel(options.seed, optimizer);
  // TensorFlow.js' own optimizer cannot be saved.
  const own = optimizer instanceof RMSprop ? optimizer : null;
  const folder = own && options.checkpoint;
  const initialEpoch = own && folder && options.resume ? resumeRun(folder, options, model, own) : 0;
  printHead(name, initialEpoch > 0 ? `${about}; goes on after epoch ${initialEpoch}` : about);
  const format = `epoch {epoch}/${options.epochs}  loss {loss}  accuracy {accuracy}`;
  const progress = createProgress(steps, format, { epoch: 1, loss: "-", accuracy: "-" });
  const run = await train(
    model,
    data,
    { ...options, initialEpoch },
    {
      onStep: (epoch, { loss, accuracy }) =>
        progress.step({ epoch, loss: loss.toFixed(3), accuracy: accuracy.toFixed(3) }),
      onEpoch: (epoch) => {
        if (own && folder) saveRun(folder, epoch.epoch, options, model, own);
        progress.above(() => printEpoch(epoch));
      },
    },
  );
  progress.stop();
  model.dispose();
  optimizer.dispose();
  return run;
}

await main().catch(reportRefusal);
