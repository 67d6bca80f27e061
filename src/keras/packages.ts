// The package that this face does without until it needs it: h5wasm writes fresh HDF5.
import { KerasFileError } from "./errors.js";

export type H5wasm = typeof import("h5wasm");

/** Writes HDF5, in memory of its own: this build of it has no way to the files of the machine. */
export async function loadH5wasm(): Promise<H5wasm> {
  try {
    return await import("h5wasm");
  } catch (cause) {
    const remedy =
      "HDF5 is to be written, and that takes the package h5wasm, which is not installed. Run npm install h5wasm.";
    throw new KerasFileError("package", remedy, { cause });
  }
}
