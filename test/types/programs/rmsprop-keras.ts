// What users write with "rmsprop/keras".
import { RMSprop, Variable } from "rmsprop";
import { type FileLimits, type KerasFile, KerasFileError, readKeras, writeWeights } from "rmsprop/keras";

export async function rewrite(bytes: Uint8Array, limits?: FileLimits): Promise<Uint8Array> {
  const file: KerasFile = await readKeras(bytes, { limits, config: undefined, optimizer: new RMSprop() });
  const trainable = file.weights.filter((weight) => weight.trainable);
  file.optimizer?.apply(
    trainable.map((weight) => new Float32Array(weight.size)),
    trainable,
  );
  return file.toBytes();
}

export function write(optimizer?: RMSprop): Promise<Uint8Array> {
  const weights = [new Variable([[0.5], [-0.5]]), new Variable([0])];
  return writeWeights({ layers: [{ className: "Dense", weights, layers: undefined }], optimizer });
}

export const problemOf = (error: unknown): string | null => (error instanceof KerasFileError ? error.problem : null);
