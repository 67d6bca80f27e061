// One training run: the rows are shuffled for each epoch, and the scores of all its steps are read at its end.
import type { Course, Epoch, Run, Watcher } from "../digits/train.js";
import { createRandom, shuffledIndices } from "../shared/random.js";
import type { Engine } from "./engine.js";

/** A queue without end would fill memory: after so many steps the device is waited for. */
export const STEPS_AT_ONCE = 15;

/** Trains for some epochs, and scores the rows held out after each of them. */
export async function train(
  engine: Engine,
  { epochs: count, seed }: Pick<Course, "epochs" | "seed">,
  { onEpoch }: Pick<Watcher, "onEpoch">,
): Promise<Run> {
  const random = createRandom(seed);
  const epochs: Epoch[] = [];
  for (let epoch = 1; epoch <= count; epoch++) {
    const start = performance.now();
    engine.startEpoch(shuffledIndices(engine.trainingRows, random));
    for (let step = 0; step < engine.steps; step += STEPS_AT_ONCE) await engine.train(step, step + STEPS_AT_ONCE);
    const [training, heldOut] = [await engine.trainingScore(), await engine.heldOutScore()];
    const row = { epoch, training, heldOut, ms: performance.now() - start };
    epochs.push(row);
    onEpoch(row);
  }
  const weights = await Promise.all(engine.variables.map((variable) => variable.read()));
  return {
    epochs,
    weights: Float32Array.from(weights.flatMap((values) => [...values])),
    score: await engine.heldOutScore(),
  };
}
