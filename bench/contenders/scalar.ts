// The loop that a careful programmer writes: one pass, typed arrays, nothing allocated.
import { type Contender, timed } from "../contender.js";
import { gradients, HYPER, SHOWN, weights } from "./data.js";

export function scalarLoop(length: number): Contender {
  const trained = weights(length);
  const velocity = new Float32Array(length);
  const gradient = gradients(length);
  return timed(
    "JavaScript loop",
    () => step(trained, velocity, gradient),
    () => trained.slice(0, SHOWN),
  );
}

/** Arithmetic is in double precision, and rounded where it is stored. */
function step(trained: Float32Array, velocity: Float32Array, gradient: Float32Array): void {
  const { learningRate, rho, epsilon } = HYPER;
  const rest = 1 - rho;
  for (let i = 0; i < trained.length; i++) {
    // The arrays are of one length.
    const g = gradient[i] as number;
    const mean = rho * (velocity[i] as number) + rest * g * g;
    velocity[i] = mean;
    trained[i] = (trained[i] as number) - (learningRate * g) / Math.sqrt(mean + epsilon);
  }
}
