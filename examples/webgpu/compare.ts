// The whole of `npm run start:webgpu`: trains the classifier of examples/digits on a device, and once more as `npm start` does.
import { RMSprop as TfRMSprop } from "rmsprop/tfjs";
import { RMSprop } from "rmsprop/webgpu";
import { splitDigits } from "../digits/data.js";
import { loadDigits } from "../digits/load.js";
import { createModel, NETWORK } from "../digits/model.js";
import { printEpoch, printHead } from "../digits/report.js";
import { medianOf } from "../digits/timing.js";
import { type Course, type Run, train as trainOnTfjs } from "../digits/train.js";
import { startWasmBackend } from "../shared/backend.js";
import { printFacts, secondsSince } from "../shared/program.js";
import { startDevice } from "./device.js";
import { Engine } from "./engine.js";
import { train } from "./train.js";

const HYPER = { learningRate: 0.001 };

export async function compare(course: Course): Promise<void> {
  const start = performance.now();
  const { device, name } = await startDevice();
  await startWasmBackend();
  const data = splitDigits(loadDigits(), course.seed);
  printFacts([
    ["Data", `${data.training.labels.length} digits to train on, ${data.heldOut.labels.length} held out`],
    ["Network", `${NETWORK}; loss is categorical cross-entropy in nats`],
    ["Adapter", name],
  ]);
  const optimizer = new TfRMSprop(HYPER);
  const model = createModel(course.seed, optimizer);
  const weights = model.getWeights().map((weight) => weight.dataSync());
  const engine = await Engine.create({
    ...{ optimizer: new RMSprop(device, HYPER), weights, data },
    batchSize: course.batchSize,
  });
  printHead("rmsprop/webgpu", JSON.stringify(HYPER));
  const onDevice = await train(engine, course, { onEpoch: printEpoch });
  engine.dispose();
  const watcher = { onStep: () => undefined, onEpoch: () => undefined };
  const onTfjs = await trainOnTfjs(model, data, course, watcher);
  for (const made of [model, optimizer]) made.dispose();
  console.log();
  printFacts([
    ["WebGPU", resultOf(onDevice)],
    ["npm start", `${resultOf(onTfjs)}, from the same weights over the same batches on TensorFlow.js`],
    ["Time", secondsSince(start)],
  ]);
  device.destroy();
}

function resultOf({ score, epochs }: Run): string {
  const ms = medianOf(epochs.map((epoch) => epoch.ms)).toFixed(0);
  return `held-out accuracy ${score.accuracy.toFixed(4)}, loss ${score.loss.toFixed(4)}, ${ms} ms an epoch`;
}
