// One training run: each step - loss, gradients, RMSprop - is one compiled function.
import { grad, jit, tree } from "@jax-js/jax";
import { type RMSpropState, rmsprop, type TransformationOptions } from "rmsprop/jax";
import type { Split } from "../digits/data.js";
import type { Course, Run, Score, Watcher } from "../digits/train.js";
import { createRandom, shuffledIndices } from "../shared/random.js";
import { type Batch, createParams, lossOf, type Params, scoresOf, toBatch, weightsOf } from "./model.js";

/** Trains a network on `data.training`, and scores it on `data.heldOut` after every epoch. Every batch has the full size. */
export async function train(
  options: TransformationOptions,
  data: Split,
  { epochs, batchSize, seed }: Course,
  watcher: Watcher,
): Promise<Run> {
  const solver = rmsprop(options);
  const step = jit((params: Params, state: RMSpropState<Params>, batch: Batch) => {
    const scores = scoresOf(tree.ref(params), tree.ref(batch));
    const gradients = grad(lossOf)(tree.ref(params), batch);
    const [next, nextState] = solver.apply(gradients, state, params);
    return { params: next, state: nextState, scores };
  });
  const score = jit(scoresOf);
  const random = createRandom(seed);
  const heldOut = toBatch(data.heldOut, allRows(data.heldOut.labels.length));
  let params = createParams(seed);
  let state = solver.init(tree.ref(params));
  const run: { epoch: number; training: Score; heldOut: Score; ms: number }[] = [];
  const scoreNow = async (): Promise<Score> => scoreOf(await score(tree.ref(params), tree.ref(heldOut)).data());

  for (let epoch = 1; epoch <= epochs; epoch++) {
    const start = performance.now();
    const order = shuffledIndices(data.training.labels.length, random);
    const scores: Score[] = [];
    for (let at = 0; at + batchSize <= order.length; at += batchSize) {
      const made = step(params, state, toBatch(data.training, order.subarray(at, at + batchSize)));
      [params, state] = [made.params, made.state];
      const now = scoreOf(await made.scores.data());
      scores.push(now);
      watcher.onStep(epoch, now);
    }
    const row = { epoch, training: meanOf(scores), heldOut: await scoreNow(), ms: performance.now() - start };
    run.push(row);
    watcher.onEpoch(row);
  }

  const result = { epochs: run, weights: weightsOf(params), score: await scoreNow() };
  for (const compiled of [step, score]) compiled.dispose();
  tree.dispose([params, state, heldOut]);
  return result;
}

function scoreOf([loss = Number.NaN, accuracy = Number.NaN]: ArrayLike<number> & Iterable<number>): Score {
  return { loss, accuracy };
}

function meanOf(scores: readonly Score[]): Score {
  const mean = (of: (score: Score) => number): number =>
    scores.reduce((sum, each) => sum + of(each), 0) / scores.length;
  return { loss: mean(({ loss }) => loss), accuracy: mean(({ accuracy }) => accuracy) };
}

function allRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}
