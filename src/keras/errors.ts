// Errors about files of Keras. Arguments have the errors of the whole package; arrays that do not fit have StateMismatchError.

export const READ_KERAS = "readKeras";

/**
 * Why a file was not read: it is cut off or damaged; it holds what is never read, such as links to other files; it goes
 * over a limit; it is of a kind or has a feature that is not known here; or a package that reading it takes is missing.
 */
export type FileProblem = "damaged" | "refused" | "limit" | "unsupported" | "package";

/** Thrown when bytes are no file of Keras that can be read. Nothing was made from them. */
export class KerasFileError extends Error {
  override readonly name = "KerasFileError";
  readonly problem: FileProblem;

  constructor(problem: FileProblem, message: string, options?: ErrorOptions) {
    super(`${READ_KERAS}: ${message}`, options);
    this.problem = problem;
  }
}

/** The bytes end early, or say what cannot be. */
export const damaged = (message: string): KerasFileError => new KerasFileError("damaged", message);

/** Well formed, and never read all the same. */
export const refused = (message: string): KerasFileError => new KerasFileError("refused", message);

/** Perhaps fine, but nothing that Keras writes. */
export const unsupported = (message: string): KerasFileError => new KerasFileError("unsupported", message);
