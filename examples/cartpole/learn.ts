// Learns to balance a pole with deep Q-learning and centered RMSprop, as the first deep Q-networks did.
import * as tf from "@tensorflow/tfjs-core";
import { schedules } from "rmsprop";
import { RMSprop } from "rmsprop/tfjs";
import { startWasmBackend } from "../shared/backend.js";
import { createFolder, printFacts, secondsSince } from "../shared/program.js";
import { createProgress } from "../shared/progress.js";
import { Agent, NETWORK } from "./agent.js";
import { writeChart } from "./chart.js";
import type { Options } from "./options.js";
import { captionOf, printPlan, printResult, printRow, ROW } from "./report.js";
import { type Episode, learningSteps, type Run, train } from "./train.js";

/** The whole of `npm run start:cartpole`. */
export async function learnToBalance(options: Options): Promise<void> {
  const start = performance.now();
  // What can be refused is refused before the first step.
  const optimizer = createOptimizer(options);
  createFolder(options.out);
  await startWasmBackend();
  printPlan(options, NETWORK, `TensorFlow.js ${tf.version_core}, ${tf.getBackend()}`);
  const run = learn(optimizer, options);
  printResult(run);
  const files = writeChart(options.out, captionOf(options, run), run, options);
  printFacts([
    ["Pictures", files.join(", ")],
    ["Time", secondsSince(start)],
  ]);
}

/** RMSprop whose learning rate falls along a cosine over the run. Throws what the library throws. */
function createOptimizer({ steps, learningRate, rho, momentum, epsilon, centered, useEma }: Options): RMSprop {
  const decay = { initialLearningRate: learningRate, decaySteps: learningSteps(steps), alpha: 0.05 };
  return new RMSprop({
    ...{ learningRate: new schedules.CosineDecay(decay), rho, momentum, epsilon, centered, useEma },
  });
}

function learn(optimizer: RMSprop, options: Options): Run {
  const agent = new Agent(optimizer, options.seed, options.discount);
  const progress = createProgress(options.steps, "push {step}  last return {score}", { step: 0, score: "-" });
  let row: Episode[] = [];
  let score = 0;
  const flush = (): void => {
    progress.above(() => printRow(row));
    row = [];
  };
  const run = train(agent, options, {
    onStep: (step) => progress.step({ step, score }),
    onEpisode: (episode) => {
      score = episode.score;
      row.push(episode);
      if (row.length === ROW) flush();
    },
  });
  flush();
  progress.stop();
  for (const made of [agent, optimizer]) made.dispose();
  return run;
}
