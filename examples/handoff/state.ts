// The state of a run as named bits, on both sides of a hand-over, and how far two of them differ.
import type * as tfl from "@tensorflow/tfjs-layers";
import type { RMSprop } from "rmsprop/tfjs";

/** An array: weights as float32, the iteration as int32. */
export interface NamedBits {
  readonly name: string;
  readonly shape: readonly number[];
  /** Little-endian, in base64. */
  readonly bits: string;
}

/** Weights in the model's order, then the optimizer's variables in Keras': iteration, learning rate, slots. */
export async function stateOf(model: tfl.LayersModel, optimizer: RMSprop): Promise<NamedBits[]> {
  const weights = model.weights.map((weight) => ({ name: weight.name, tensor: weight.read() }));
  // Those that wait for their variables, before the first step here, are among them.
  const own = await optimizer.getWeights();
  return [...weights, ...own].map(({ name, tensor }) => {
    const { buffer, byteOffset, byteLength } = tensor.dataSync();
    return { name, shape: tensor.shape, bits: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
  });
}

export interface Comparison {
  readonly arrays: number;
  readonly elements: number;
  readonly differingBits: number;
}

/** Array by array, in their order. Throws a RangeError where they are not of the same shapes. */
export function compareStates(ours: readonly NamedBits[], theirs: readonly NamedBits[]): Comparison {
  const shapes = (state: readonly NamedBits[]): string => state.map(({ shape }) => `[${shape}]`).join(" ");
  if (shapes(ours) !== shapes(theirs)) {
    throw new RangeError(`hand-over: the arrays are ${shapes(ours)} here and ${shapes(theirs)} in Keras.`);
  }
  const pairs = ours.map(({ bits }, i) => [bytesOf(bits), bytesOf(theirs[i]?.bits ?? "")] as const);
  return {
    arrays: ours.length,
    elements: pairs.reduce((sum, [bytes]) => sum + bytes.length / 4, 0),
    differingBits: pairs.reduce((sum, [a, b]) => sum + differingBits(a, b), 0),
  };
}

const bytesOf = (bits: string): Uint8Array => Buffer.from(bits, "base64");

function differingBits(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    for (let left = (a[i] ?? 0) ^ (b[i] ?? 0); left > 0; left >>= 1) count += left & 1;
  }
  return count;
}
