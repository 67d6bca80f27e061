// TerminateOnNaN: no training goes on with a loss that is no number.
import { argumentsOf } from "../../check/argument.js";
import { print } from "../../check/warn.js";
import { letNaNPass } from "../training.js";
import { numberIn, type UnresolvedLogs } from "./logs.js";
import { CallbackOfModel } from "./model-callback.js";
import { pythonNumber } from "./saving/python-format.js";
import { whenFitEnds } from "./while-training.js";

/** The options of `TerminateOnNaN`. */
export interface TerminateOnNaNOptions {
  /** Throws a RangeError, after which no callback is told that training ended; by default training ends as usual. */
  readonly raiseError?: boolean | undefined;
}

const OWNER = "TerminateOnNaN";
const argument = argumentsOf(OWNER);

/**
 * Ends training after the first batch whose loss is NaN or infinite. Works with any optimizer. Those of this package let a
 * loss of NaN pass meanwhile, as Keras does, where they would throw else: the weights are then NaN, too. Reads the loss of each
 * batch, which on a device waits for it. Source: `keras.callbacks.TerminateOnNaN`.
 */
export class TerminateOnNaN extends CallbackOfModel {
  readonly #raiseError: boolean;
  #end = (): void => undefined;

  constructor(options: TerminateOnNaNOptions = {}) {
    super(OWNER);
    argument("options").keys(options, ["raiseError"]);
    this.#raiseError = argument("raiseError").boolean(options.raiseError ?? false);
  }

  /** Lets the optimizer pass what this callback looks for. */
  override async onTrainBegin(): Promise<void> {
    await super.onTrainBegin();
    this.#end = letNaNPass(this.model.optimizer);
    whenFitEnds(this.model, this.#end);
  }

  /** Ends training if the loss of this batch is no finite number. */
  override async onBatchEnd(batch: number, logs?: UnresolvedLogs): Promise<void> {
    const loss = await numberIn(logs, "loss");
    if (loss === null || Number.isFinite(loss)) return;
    if (this.#raiseError) {
      const problem = `NaN or Inf loss encountered at batch ${batch}. Loss value: ${pythonNumber(loss)}.`;
      throw new RangeError(`${OWNER}: ${problem} Terminating training immediately.`);
    }
    print(`Batch ${batch}: Invalid loss, terminating training`);
    this.model.stopTraining = true;
  }

  /** The optimizer is as before. */
  override async onTrainEnd(): Promise<void> {
    this.#end();
  }
}
