// The class of this package's callbacks, which know their model in a bundle, too, where TensorFlow.js does not tell it.
import type * as tfl from "@tensorflow/tfjs-layers";
import { StateError } from "../../check/errors.js";
import { CallbackBase } from "./callback-base.js";
import { isTraining } from "./while-training.js";

/** What TensorFlow.js calls on an object of functions. */
const CALLED = ["onTrainBegin", "onTrainEnd", "onEpochBegin", "onEpochEnd", "onBatchBegin", "onBatchEnd"] as const;

export type CallbackFunctions = Pick<CallbackOfModel, (typeof CALLED)[number]>;

export abstract class CallbackOfModel extends CallbackBase {
  /** Whether `fit` calls it after all that are not. @internal */
  readonly isLast: boolean = false;
  /** Who complains. */
  readonly #owner: string;
  #whole: tfl.LayersModel | null = null;

  constructor(owner: string) {
    super();
    this.#owner = owner;
    // Where TensorFlow.js takes this for an object of functions, it calls them on an object of its own.
    for (const name of CALLED) Object.defineProperty(this, name, { value: this[name].bind(this), configurable: true });
  }

  /** Takes a model of any copy of TensorFlow.js. In a bundle call it yourself before `model.fit`; `fit` does it. */
  override setModel(model: Parameters<tfl.Callback["setModel"]>[0]): void {
    const whole = model as tfl.LayersModel; // what is trained is nothing else
    const inner = trainedIn(whole);
    if (this.model && this.model !== inner && isTraining(this.model)) {
      const problem = "this callback is in a fit of another model, which has not ended.";
      throw new StateError(this.#owner, `${problem} Make a callback for each fit.`);
    }
    if (this.#whole === null || trainedIn(this.#whole) !== inner) this.#whole = whole;
    this.model = inner;
  }

  /** Throws a StateError without a model. */
  override async onTrainBegin(): Promise<void> {
    if (this.model) return;
    const problem =
      "the model is of another copy of TensorFlow.js, or in a bundle, where callbacks are not told about it.";
    const remedy = 'Call setModel(model) on the callback before, or train with fit(model, ...) of "rmsprop/tfjs".';
    throw new StateError(this.#owner, `${problem} ${remedy}`);
  }

  /** Before a fit of this package: the epoch to begin with, where it is another one. @internal */
  async beforeFit(): Promise<number | null> {
    return null;
  }

  /** After a fit of this package that has ended, or thrown. @internal */
  async afterFit(_hasEnded: boolean): Promise<void> {}

  /** The model as the user has it: a tf.Sequential trains another one within it. @internal */
  protected get whole(): tfl.LayersModel {
    return this.#whole ?? this.model;
  }
}

/** The functions of a callback, for an object of them. */
export const calledFunctions = (callback: CallbackOfModel): CallbackFunctions =>
  Object.fromEntries(CALLED.map((name) => [name, callback[name]])) as CallbackFunctions; // all of its keys

/** The model that TensorFlow.js trains: that within a tf.Sequential. */
export function trainedIn(model: tfl.LayersModel): tfl.LayersModel {
  const inner: unknown = Reflect.get(model, "model");
  const isModel = typeof inner === "object" && inner !== null && "fitLoop" in inner;
  return isModel ? (inner as tfl.LayersModel) : model; // what has a fitLoop is one
}
