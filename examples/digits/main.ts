// Trains a small network on handwritten digits with RMSprop, and again with tf.train.rmsprop beside it.
import { mkdirSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { startWasmBackend } from "../shared/backend.js";
import { writeChart } from "./chart.js";
import { loadDigits, type Split, splitDigits } from "./data.js";
import { createModel, createRmsprop, createTfRmsprop, NETWORK, WEIGHT_SHAPES } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { createProgress } from "./progress.js";
import { captionOf, printComparison, printEpoch, printFacts, printHead, printPlan, settingsOf } from "./report.js";
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
    ["Time", `${((performance.now() - start) / 1000).toFixed(1)} s in all`],
  ]);
}

/** What can be refused is refused before the first step. */
function checkEarly(contender: Contender, folder: string): void {
  contender.createOptimizer().dispose();
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new RangeError(`--out: cannot make the folder "${folder}": ${(cause as Error).message}`, { cause });
  }
}

async function runOnce(
  { name, about, createOptimizer }: Contender,
  data: Split,
  options: Options,
  steps: number,
): Promise<Run> {
  const optimizer = createOptimizer();
  const model = createModel(options.seed, optimizer);
  printHead(name, about);
  const progress = createProgress(options.epochs, steps);
  const run = await train(model, data, options, {
    onStep: (epoch, score) => progress.step(epoch, score),
    onEpoch: (epoch) => progress.above(() => printEpoch(epoch)),
  });
  progress.stop();
  model.dispose();
  optimizer.dispose();
  return run;
}

/** A refused value is the user's to mend: one line that names it. Anything else is a bug and keeps its stack. */
function report(error: unknown): void {
  const refused = error instanceof RangeError || error instanceof TypeError;
  if (!refused || !/^[\w-]+: /.test(error.message)) {
    throw error;
  }
  console.error(`error: ${error.message.replaceAll("\n", " ")}`);
  process.exitCode = 1;
}

await main().catch(report);
