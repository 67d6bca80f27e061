// The two packages that this face can do without until it needs them: fflate for zip, h5wasm to write fresh HDF5.
import { KerasFileError } from "./errors.js";

export type Fflate = typeof import("fflate");
export type H5wasm = typeof import("h5wasm");

/** Unpacks and packs zip members. */
export const loadFflate = (): Promise<Fflate> => installed("fflate", "a zip", () => import("fflate"));

/** Writes HDF5, in memory of its own: this build of it has no way to the files of the machine. */
export const loadH5wasm = (): Promise<H5wasm> => installed("h5wasm", "HDF5", () => import("h5wasm"));

/** The error for a package that is not there. */
export function missingPackage(name: string, reason: string, cause?: unknown): KerasFileError {
  const message = `${reason} that takes the package ${name}, which is not installed. Run npm install ${name}.`;
  return new KerasFileError("package", message, { cause });
}

async function installed<T>(name: string, written: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw missingPackage(name, `${written} is to be written, and`, cause);
  }
}
