// The example learns, within two epochs, and the same seed gives the same weights.
import { init } from "@jax-js/jax";
import { expect, it } from "vitest";
import { splitDigits } from "../digits/data.js";
import { loadDigits } from "../digits/load.js";
import { train } from "./train.js";

it("tells most digits right after two epochs, and comes to the same weights again", async () => {
  await init("wasm");
  const data = splitDigits(loadDigits(), 0);
  const course = { epochs: 2, batchSize: 32, seed: 0 };
  let steps = 0;
  const watcher = { onStep: () => steps++, onEpoch: () => undefined };
  const [first, again] = [await train({}, data, course, watcher), await train({}, data, course, watcher)];
  expect(steps).toBe(2 * 2 * Math.floor(data.training.labels.length / 32));
  expect(first.score.accuracy).toBeGreaterThan(0.85);
  expect(first.epochs[1]?.training.loss).toBeLessThan(first.epochs[0]?.training.loss ?? 0);
  expect(again.weights).toEqual(first.weights);
});
