// One training run, measured: seeded order of the batches, what was seen at each step and epoch, and the weights it ended with.
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import * as rmsprop from "rmsprop/tfjs";
import type { Split } from "./data.js";
import { createRows } from "./rows.js";

/** Cross-entropy in nats, and the share of digits told right. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/** One row of the table. The training score is the mean over the epoch's batches. */
export interface Epoch {
  readonly epoch: number;
  readonly training: Score;
  readonly heldOut: Score;
  readonly ms: number;
}

/** Told about every step and epoch while a run goes on. */
export interface Watcher {
  onStep(epoch: number, score: Score): void;
  onEpoch(epoch: Epoch): void;
}

/** What a run left behind. `score` is that of the final weights on the rows held out. */
export interface Run {
  readonly epochs: readonly Epoch[];
  readonly weights: Float32Array;
  readonly score: Score;
}

/** What decides the order and the number of the steps. */
export interface Course {
  readonly epochs: number;
  /** Epochs that the run has had already. */
  readonly initialEpoch?: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Scores the epochs by this optimizer's averages, as the end of `fit` does; null or left out, by the weights. */
  readonly averages?: rmsprop.RMSprop | null;
}

/** Trains `model` on `data.training` in one call of `fit`, and scores it on `data.heldOut` after every epoch. */
export async function train(model: tfl.LayersModel, data: Split, course: Course, watcher: Watcher): Promise<Run> {
  const { epochs, initialEpoch = 0, averages = null } = course;
  const rows = createRows(data, course.seed, initialEpoch);
  const { heldOut } = rows;
  const recorder = createRecorder(
    watcher,
    averages && (() => averages.withAverage(() => scoreOf(model, heldOut.x, heldOut.y))),
  );
  await rmsprop.fit(model, rows.x, rows.y, {
    epochs,
    initialEpoch,
    batchSize: course.batchSize,
    shuffle: false,
    validationData: [heldOut.x, heldOut.y],
    verbose: 0,
    callbacks: {
      ...recorder.callbacks,
      onEpochBegin: async (epoch) => {
        recorder.startEpoch(epoch);
        rows.shuffle();
      },
    },
  });
  // Nothing was left to do, so fit has left the weights as they were.
  if (recorder.epochs.length === 0) averages?.finalizeVariableValues(averages.trainedVariables);
  const run = {
    epochs: recorder.epochs,
    weights: weightsOf(model),
    score: scoreOf(model, heldOut.x, heldOut.y),
  };
  rows.dispose();
  return run;
}

interface Recorder {
  readonly epochs: Epoch[];
  readonly callbacks: tfl.CustomCallbackArgs;
  startEpoch(epoch: number): void;
}

/** `scoreHeldOut` takes the place of the score that `fit` gives. */
function createRecorder(watcher: Watcher, scoreHeldOut: (() => Score) | null): Recorder {
  const epochs: Epoch[] = [];
  let epochStart = 0;
  let current = 0;
  return {
    epochs,
    startEpoch: (epoch) => {
      current = epoch + 1;
      epochStart = performance.now();
    },
    callbacks: {
      onBatchEnd: async (_batch, logs) => {
        watcher.onStep(current, scoreFrom(logs, "loss", "acc"));
      },
      onEpochEnd: async (_epoch, logs) => {
        const ms = performance.now() - epochStart;
        const epoch = {
          epoch: current,
          training: scoreFrom(logs, "loss", "acc"),
          heldOut: scoreHeldOut?.() ?? scoreFrom(logs, "val_loss", "val_acc"),
          ms,
        };
        epochs.push(epoch);
        watcher.onEpoch(epoch);
      },
    },
  };
}

function scoreFrom(logs: tfl.Logs | undefined, loss: string, accuracy: string): Score {
  return { loss: logs?.[loss] ?? Number.NaN, accuracy: logs?.[accuracy] ?? Number.NaN };
}

function weightsOf(model: tfl.LayersModel): Float32Array {
  return tf.tidy(() => tf.concat(model.getWeights().map((weight) => tf.reshape(weight, [-1]))).dataSync<"float32">());
}

/** The score of the model as it is. */
export function scoreOf(model: tfl.LayersModel, x: tf.Tensor, y: tf.Tensor): Score {
  const [loss, accuracy] = tf.tidy(() => [model.evaluate(x, y)].flat().map((scalar) => scalar.dataSync()[0]));
  return { loss: loss ?? Number.NaN, accuracy: accuracy ?? Number.NaN };
}
