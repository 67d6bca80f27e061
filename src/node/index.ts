/** Checkpoints as files that survive a crash. @module rmsprop/node */
// What is in them is in checkpoint/saved-run.ts.
export type { CheckpointLimits, LoadOptions } from "../checkpoint/saved-run.js";
export { CheckpointFileError } from "./file-error.js";
export { latestCheckpoint } from "./latest-checkpoint.js";
export { readCheckpoint } from "./read-checkpoint.js";
export { readKerasFile } from "./read-keras-file.js";
export { type WriteOptions, writeCheckpoint } from "./write-checkpoint.js";
