// What users write with "rmsprop/node".
import { RMSprop, Variable } from "rmsprop";
import { CheckpointFileError, latestCheckpoint, readCheckpoint, writeCheckpoint } from "rmsprop/node";

export function save(folder: string, step: number, keep?: number): number {
  const weights = new Variable([1, 2, 3], { name: "weights" });
  const optimizer = new RMSprop();
  optimizer.apply([[0.1, 0.2, 0.3]], [weights]);
  writeCheckpoint(`${folder}/step-${step}.safetensors`, optimizer, [weights], { step: `${step}` }, { keep });
  const path = latestCheckpoint(folder);
  return path === null ? 0 : readCheckpoint(path).optimizer.iterations;
}

export const codeOf = (error: unknown): string | null => (error instanceof CheckpointFileError ? error.code : null);
