// When a callback saves: at the end of each epoch, or after so many batches.
import type { Argument } from "../../../check/argument.js";

/** `"epoch"`, or a number of batches. */
export type SaveFrequency = "epoch" | number;

export class SaveTimes {
  readonly #frequency: SaveFrequency;
  #seen = 0;

  constructor(argument: Argument, frequency: SaveFrequency) {
    const remedy = 'Pass "epoch", or a number of batches.';
    if (frequency !== "epoch") {
      if (typeof frequency !== "number") throw argument.bad("string", 'be "epoch" or an integer', frequency, remedy);
      argument.number(frequency, { integer: true, min: 1, remedy });
    }
    this.#frequency = frequency;
  }

  get isByEpoch(): boolean {
    return this.#frequency === "epoch";
  }

  /** Whether to save after this batch, which is counted. */
  isDue(): boolean {
    if (this.#frequency === "epoch" || ++this.#seen < this.#frequency) return false;
    this.#seen = 0;
    return true;
  }
}
