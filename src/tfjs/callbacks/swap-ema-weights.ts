// SwapEMAWeights: validation, and what is saved at the end of an epoch, see the averages of the weights.
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { argumentsOf } from "../../check/argument.js";
import type { Optimizer } from "../optimizer-class.js";
import { innerOf, optimizerOf, partsOf } from "./learning-rates.js";
import { CallbackOfModel } from "./model-callback.js";
import { holdTrained } from "./trained-weights.js";
import { whenFitEnds } from "./while-training.js";

/** The options of `SwapEMAWeights`. */
export interface SwapEMAWeightsOptions {
  /** Whether the averages stay in the model from the end of an epoch to the beginning of the next one; by default not. */
  readonly swapOnEpoch?: boolean | undefined;
}

/** What a model computes losses and metrics with: `evaluate` calls `testLoop`, and so does `fit`. */
const TESTING = ["testLoop", "evaluate", "evaluateDataset"] as const;

interface Trained {
  readonly variables: readonly tf.Variable[];
  readonly values: readonly tf.Tensor[];
  /** Ends that others know of it. */
  readonly release: () => void;
}

type Averaging = Pick<Optimizer, "trainedVariables" | "finalizeVariableValues" | "withAverage">;

/** Models that hold their averages for a test. */
const testing = new WeakSet<object>();

const OWNER = "SwapEMAWeights";
const argument = argumentsOf(OWNER);

/**
 * Puts the moving averages of an optimizer with `useEma` into the model while it is evaluated, in validation too. With
 * `swapOnEpoch` they stay there until the next epoch begins, so that a `ModelCheckpoint` after this callback saves them.
 *
 * It wraps the methods that evaluate of this one model while a fit runs; when that ends or throws, they are as before, and so
 * are trained weights where it threw. Throws a TypeError when training begins with an optimizer that is not of this package, a
 * RangeError without `useEma`. Source: `keras.callbacks.SwapEMAWeights`.
 */
export class SwapEMAWeights extends CallbackOfModel {
  readonly #swapOnEpoch: boolean;
  /** Where the averages are in the model: the trained weights. */
  #trained: Trained | null = null;
  #end = (): void => undefined;
  #isAwaited = false;

  constructor(options: SwapEMAWeightsOptions = {}) {
    super(OWNER);
    argument("options").keys(options, ["swapOnEpoch"]);
    this.#swapOnEpoch = argument("swapOnEpoch").boolean(options.swapOnEpoch ?? false);
  }

  /** Wraps what evaluates. Throws unless the optimizer keeps averages. */
  override async onTrainBegin(): Promise<void> {
    await super.onTrainBegin();
    this.#end();
    if (this.#averaging().length === 0) {
      const remedy = "Pass useEma: true to the optimizer, or leave this callback out.";
      throw argument("useEma").badValue("be true for the optimizer that the model is compiled with", false, remedy);
    }
    const unwrap = TESTING.map((name) => this.#wrap(this.model, name));
    this.#end = () => {
      this.#end = () => undefined;
      this.#leave("put back");
      for (const undo of unwrap) undo();
    };
    const end = this.#end;
    // In the opposite order of the wrapping, where there are several of these callbacks.
    this.#isAwaited = whenFitEnds(this.model, () => {
      if (this.#end === end) end();
    });
  }

  /** The trained weights are in the model again. */
  override async onEpochBegin(): Promise<void> {
    this.#leave("put back");
  }

  /** Puts the averages into the model, with `swapOnEpoch`. */
  override async onEpochEnd(): Promise<void> {
    if (!this.#swapOnEpoch || this.#trained !== null) return;
    const variables = this.model.trainableWeights.map((weight) => weight.read() as tf.Variable); // as layers keep them
    const values = variables.map((variable) => variable.clone());
    this.#trained = { variables, values, release: holdTrained(this.model, variables, values) };
    for (const optimizer of this.#averaging()) {
      optimizer.finalizeVariableValues(optimizer.trainedVariables.filter((variable) => variables.includes(variable)));
    }
  }

  /** Averages that are in the model stay there. */
  override async onTrainEnd(): Promise<void> {
    this.#leave("forget");
    if (!this.#isAwaited) this.#end();
  }

  /** Ends that the averages are in the model, and does either with the trained weights. */
  #leave(what: "put back" | "forget"): void {
    if (this.#trained === null) return;
    const { variables, values, release } = this.#trained;
    this.#trained = null;
    release();
    if (what === "put back") for (const [i, variable] of variables.entries()) variable.assign(values[i] as tf.Tensor);
    tf.dispose([...values]);
  }

  /** The optimizers of the model that keep averages. */
  #averaging(): readonly Averaging[] {
    const all = (partsOf(OWNER, this.model) ?? [innerOf(optimizerOf(OWNER, this.model))]) as readonly (Averaging & {
      readonly useEma?: unknown;
    })[];
    return all.filter(({ useEma }) => useEma === true);
  }

  #wrap(model: tfl.LayersModel, name: (typeof TESTING)[number]): () => void {
    const own = Object.getOwnPropertyDescriptor(model, name);
    const original = Reflect.get(model, name) as (...values: unknown[]) => unknown; // it is a method
    let isOn = true;
    const wrapped = (...values: unknown[]): unknown => {
      const test = (): unknown => original.apply(model, values);
      return isOn && !testing.has(model) && this.#trained === null ? this.#tested(model, test) : test();
    };
    Object.defineProperty(model, name, { value: wrapped, writable: true, configurable: true });
    return () => {
      isOn = false;
      if (Object.getOwnPropertyDescriptor(model, name)?.value !== wrapped) return; // somebody has wrapped it since
      if (own) Object.defineProperty(model, name, own);
      else Reflect.deleteProperty(model, name);
    };
  }

  /** The result of a test with the averages in the model. */
  #tested(model: tfl.LayersModel, test: () => unknown): unknown {
    const whole = this.#averaging().reduce((within, optimizer) => () => optimizer.withAverage(within), test);
    testing.add(model);
    const end = (): void => void testing.delete(model);
    let isPending = false;
    try {
      const result = whole();
      if (typeof result !== "object" || result === null || !("then" in result)) return result;
      isPending = true;
      return Promise.resolve(result).finally(end); // of evaluateDataset
    } finally {
      if (!isPending) end();
    }
  }
}
