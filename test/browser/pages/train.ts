// The same training in pages and in Node: whole numbers over a thousand, so that every platform starts from the same bits.
import { RMSprop, type RMSpropOptions, Variable } from "rmsprop";

/** Large enough to be shared among threads, odd enough to leave tails. */
const LENGTHS = [200_003, 7, 70_001, 64];

/** The SHA-256 of the bits of all variables and of the state after some steps. */
export async function train(options: RMSpropOptions, steps = 4): Promise<string> {
  const variables = LENGTHS.map((length, i) => new Variable(numbers(length, i)));
  const gradients = LENGTHS.map((length, i) => new Variable(numbers(length, 9 * i + 1)));
  const optimizer = new RMSprop(options);
  for (let step = 0; step < steps; step++) optimizer.apply(gradients, variables);
  const arrays = [...variables, ...optimizer.variables].map(({ value }) => new Uint8Array(value.slice().buffer));
  for (const made of [optimizer, ...variables, ...gradients]) made.dispose();
  const hashes = await Promise.all(arrays.map((bytes) => crypto.subtle.digest("SHA-256", bytes)));
  return hashes.flatMap((hash) => [...new Uint8Array(hash, 0, 4)]).join(" ");
}

function numbers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * 7919 + seed * 104_729) % 2003) / 1000 - 1);
}
