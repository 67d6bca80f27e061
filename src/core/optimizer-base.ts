// core/: what the faces share: options, learning rate, loss scale, configs, the state of a run. It knows no device.
//
// What the optimizers of all faces have in common, as users see it. How a run goes is in run/.

/// <reference lib="esnext.disposable" preserve="true" />

import { Argument } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { INSPECT, type Inspect } from "../check/inspect.js";
import { camelCase, renameKeys } from "../check/names.js";
import { Unwrapped } from "../check/unwrapped.js";
import type { LearningRateLike } from "../schedules/learning-rate-like.js";
import { unzip } from "./pairs.js";
import { runOf } from "./run/run.js";
import { configOf, type KerasConfig } from "./serialization.js";
import { restoreState, stateOf } from "./state/own-state.js";
import { copiesOf, type OptimizerVariable, type SavedArray, saveState, type Weight, weightsOf } from "./state/state.js";
import type { DecayExclusion } from "./weight-decay.js";

/** What every optimizer has, also one that extends another library's. `V` are the variables that a user passes. */
export abstract class OptimizerMembers<Own extends object, V extends object> extends Unwrapped {
  get name(): string {
    return runOf(this).config.name;
  }

  /** The learning rate of the next update. Setting a number is refused while a schedule owns it, as in Keras. */
  get learningRate(): number {
    return runOf(this).state.currentLearningRate();
  }

  set learningRate(source: LearningRateLike) {
    runOf(this).state.learningRate.set(source);
  }

  /** What the learning rate is made of: a number, a schedule or a function. */
  get learningRateSource(): LearningRateLike {
    return runOf(this).state.learningRate.source;
  }

  /** Updates made so far. Under gradient accumulation, calls of `apply` divided by the steps, rounded down. */
  get iterations(): number {
    return runOf(this).state.iterations;
  }

  /**
   * The steps that `skipNonFinite` or a LossScaleOptimizer has left out, since this object was made. Checkpoints do not keep it: no
   * step depends on it.
   */
  get skipped(): number {
    return runOf(this).state.skipped;
  }

  /** What computes: `"wasm"` or `"js"` in core, `"webgpu"`, `"jax-wasm"` and others in the faces. */
  get engine(): string {
    return runOf(this).engine.name;
  }

  /** The factor by which `scaleLoss` multiplies and `apply` divides; null for none. */
  get lossScaleFactor(): number | null {
    return runOf(this).state.lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    const { state, className } = runOf(this);
    state.lossScaleFactor = new Argument(className, "lossScaleFactor").numberOrNull(factor, { above: 0 });
  }

  /** The own hyper-parameters, as given. */
  get hyper(): Own {
    return runOf(this).config.hyper as Own; // each class has the options of its definition
  }

  /** The variables that it trains, in their order. */
  get trainedVariables(): V[] {
    return runOf(this).variables as V[]; // a face's own
  }

  /** Whether weight decay, where there is any, takes from a variable that it trains: not if it was excluded. */
  decays(variable: V): boolean {
    return runOf(this).decays(variable);
  }

  /**
   * Under gradient accumulation, makes the update now with the mean of the gradients that were gathered since the last one, such as
   * those of a last batch that is not full; the next update takes `gradientAccumulationSteps` calls again. Averages see one more
   * call, schedules skip those that did not come. Without anything gathered nothing happens, and the result is false.
   *
   * Variables without a gradient since the last update stay; after a restore in the middle of an accumulation all move. Not in Keras.
   */
  flush(): boolean {
    return runOf(this).flush(undefined);
  }

  /**
   * Leaves variables out of weight decay; call it before the optimizer is built. `names` are strings or regular
   * expressions, searched in each variable's name. Another call replaces what the last one said.
   */
  excludeFromWeightDecay(exclusion: DecayExclusion<V>): void {
    runOf(this).exclude(exclusion);
  }

  /** Replaces variables by their moving averages, by default all that it trains. Without `useEma` nothing happens. */
  finalizeVariableValues(variables: readonly V[] = this.trainedVariables): void {
    runOf(this).finalize(variables);
  }

  /**
   * Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does; when
   * it returns a promise, once that is settled.
   */
  withAverage<T>(fn: () => T): T {
    return runOf(this).whileAveraged(fn);
  }

  /** Keras' own JSON for this optimizer, in snake_case and Keras' order: without the options that are ours alone. */
  getConfig(): KerasConfig {
    const { config, state } = runOf(this);
    return configOf(state.definition, config, state.learningRate.source, state.lossScaleFactor);
  }

  /** Refused: a config has no state, and JSON no place for it. */
  toJSON(): never {
    const remedy = "getConfig() has its options for JSON, saveCheckpoint(optimizer, variables) the whole run as bytes.";
    throw new StateError(runOf(this).className, `JSON.stringify would lose its state. ${remedy}`);
  }

  /** Its options, step and engine, for a console. @internal */
  [INSPECT](_depth: number, settings: object, inspect: Inspect): string {
    const shown = { ...renameKeys(this.getConfig(), camelCase), iterations: this.iterations };
    return `${this.constructor.name} ${inspect({ ...shown, engine: engineNameOf(this) }, settings)}`;
  }

  /** Gives the memory of the state back; variables are not touched. The optimizer cannot be used afterwards. */
  dispose(): void {
    runOf(this).dispose();
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A console must not fail where TensorFlow.js has not started its backend. */
function engineNameOf(optimizer: { readonly engine: string }): string | null {
  try {
    return optimizer.engine;
  } catch {
    return null;
  }
}

/** What the optimizers of this package have that extend no other library's. `G` are the gradients. */
export abstract class OptimizerBase<Own extends object, V extends object, G> extends OptimizerMembers<Own, V> {
  /** Keras' name of the class, which configs use. */
  get className(): string {
    return runOf(this).className;
  }

  get built(): boolean {
    return runOf(this).built;
  }

  /** Makes the state for these variables. A second call does nothing, as in Keras. Called by the first `apply`. */
  build(variables: readonly V[]): void {
    runOf(this).build(variables);
  }

  /** One step: updates the variables by their gradients. By default, all variables that it was built with. */
  abstract apply(gradients: readonly G[], variables?: readonly V[]): void;

  /** As `apply`, with pairs. Returns the number of calls so far. */
  applyGradients(pairs: Iterable<readonly [G, V]>): number {
    this.apply(...unzip(new Argument(this.className, "pairs"), pairs));
    return runOf(this).state.calls;
  }

  /**
   * Restores what `saveOwnVariables` stored: of an optimizer that is not built, its counters. Throws StateMismatchError, with
   * both lists, and changes nothing.
   */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    restoreState(this, weightsOf(new Argument(this.className, "store"), store));
  }

  /**
   * Replaces all own variables, in the order of `variables`, of an optimizer that is built. Throws StateMismatchError and
   * changes nothing.
   */
  setWeights(weights: readonly Weight[]): void {
    runOf(this).checkBuilt("setWeights", this.className);
    restoreState(this, weights);
  }
}

/** What those have whose numbers can be read at once. */
export abstract class HostOptimizerBase<Own extends object, V extends object, G> extends OptimizerBase<Own, V, G> {
  /**
   * The norm of all gradients together in the last update, before they were clipped: of the loss itself, divided by its scale, and
   * under accumulation of their mean. Null before the first one, and without a clip by norm or `trackNorm`.
   */
  get gradientNorm(): number | null {
    return (runOf(this).state.norms?.all() ?? null) as number | null; // as said above
  }

  /** The norm of one variable's gradient, as `gradientNorm`; null where it had none in the last update. */
  gradientNormOf(variable: V): number | null {
    return runOf(this).gradientNormOf(variable) as number | null; // as said above
  }

  /**
   * The optimizer's own variables in Keras' order: iteration, the learning rate if it is a number, then each kind of slot
   * over all variables.
   */
  get variables(): OptimizerVariable[] {
    return stateOf(this).list();
  }

  /** Stores copies of all optimizer variables under "0", "1", ..., as Keras numbers them. */
  saveOwnVariables(store: Record<string, SavedArray>): void {
    runOf(this).checkAlive();
    saveState(new Argument(this.className, "store"), copiesOf(stateOf(this).list()), store);
  }
}
