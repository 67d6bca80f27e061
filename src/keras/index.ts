/** Files of Keras, read and written. @module rmsprop/keras */

export type { FileDType } from "./dtypes.js";
export { type FileProblem, KerasFileError } from "./errors.js";
export type { KerasArray } from "./hdf5/read.js";
export type { FileLimits } from "./limits.js";
export { type KerasFile, type ReadOptions, readKeras } from "./read.js";
export { type LayerWeights, type WriteOptions, writeWeights } from "./write.js";
