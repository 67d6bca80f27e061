// core/: what the faces share: options, learning rate, loss scale, configs, the state of a run. It knows no device.
//
// class OptimizerBase: what the optimizers of all faces have in common, whatever holds their numbers: learning
// rate, counters, exclusions, averages, the config. What a step takes is in the files of the classes.

import { checkArray, checkFunction, checkNumberOrNull } from "../check/arguments.js";
import { StateError } from "../check/errors.js";
import { Unwrapped } from "../check/unwrapped.js";
import type { LearningRateLike } from "../schedules/learning-rate-like.js";
import type { Config } from "./config.js";
import { unzip } from "./pairs.js";
import type { RunState } from "./run/run-state.js";
import { withUndo } from "./run/undo.js";
import { configOf, type KerasConfig, setModule } from "./serialization.js";
import { type Weight, weightsOf } from "./state/state.js";
import { type DecayExclusion, excluder } from "./weight-decay.js";

/** `V` are the variables that a user passes, `G` their gradients, `A` the arrays of the engine. */
export abstract class OptimizerBase<H extends object, V extends object, G, A> extends Unwrapped {
  readonly name: string;
  readonly #config: Config;
  readonly #run: RunState<A>;
  #decays: (name: string, key: object) => boolean = () => true;
  #disposed = false;

  constructor(config: Config, run: RunState<A>) {
    super();
    this.#config = config;
    this.#run = run;
    this.name = config.name;
    setModule(this, run.definition.module);
  }

  /** The learning rate of the next update. Setting a number is refused while a schedule owns it, as in Keras. */
  get learningRate(): number {
    return this.#run.currentLearningRate();
  }

  set learningRate(source: LearningRateLike) {
    this.#run.learningRate.set(source);
  }

  /** What the learning rate is made of: a number, a schedule or a function. */
  get learningRateSource(): LearningRateLike {
    return this.#run.learningRate.source;
  }

  /** Updates made so far. Under gradient accumulation, calls of `apply` divided by the steps, rounded down. */
  get iterations(): number {
    return this.#run.iterations;
  }

  /** Keras' name of the class, which configs use. */
  get className(): string {
    return this.#run.className;
  }

  abstract get built(): boolean;

  /** What computes: `"wasm"` or `"js"` in core, `"webgpu"`, `"jax-wasm"` and others in the faces. */
  get engine(): string {
    return this.#run.engine.name;
  }

  /** The factor by which `scaleLoss` multiplies and `apply` divides; null for none. */
  get lossScaleFactor(): number | null {
    return this.#run.lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    this.#run.lossScaleFactor = checkNumberOrNull(this.className, "lossScaleFactor", factor, { above: 0 });
  }

  /** The own hyper-parameters, as given. */
  get hyper(): H {
    return this.#config.hyper as H; // each class has the options of its definition
  }

  /** The variables that it was built with, in their order. */
  get trainedVariables(): V[] {
    return this.#run.targets.map(({ key }) => key as V); // `build` puts in nothing else.
  }

  /** Whether weight decay, where there is any, takes from a variable that it was built with: not if it was excluded. */
  decays(variable: V): boolean {
    const target = this.#run.targets[this.#run.indexOf(variable)];
    return target === undefined || this.#decays(target.name, target.key);
  }

  /** Makes the state for these variables. A second call does nothing, as in Keras. Called by the first `apply`. */
  abstract build(variables: readonly V[]): void;

  /** One step: updates the variables by their gradients. By default, all variables that it was built with. */
  abstract apply(gradients: readonly G[], variables?: readonly V[]): void;

  /** As `apply`, with pairs. Returns the number of calls so far. */
  applyGradients(pairs: Iterable<readonly [G, V]>): number {
    this.apply(...unzip(this.className, pairs));
    return this.#run.calls;
  }

  /**
   * Leaves variables out of weight decay; call it before the optimizer is built. `names` are strings or regular
   * expressions, searched in each variable's name. Another call replaces what the last one said.
   */
  excludeFromWeightDecay(exclusion: DecayExclusion<V>): void {
    const problem = "excludeFromWeightDecay() must come before the optimizer is built. Call it first.";
    if (this.built) throw new StateError(this.className, problem);
    this.#decays = excluder(this.className, exclusion, (value) => this.isVariable(value));
  }

  /** Keras' own JSON for this optimizer, in snake_case and Keras' order. */
  getConfig(): KerasConfig {
    return configOf(this.#run.definition, this.#config, this.learningRateSource, this.lossScaleFactor);
  }

  /**
   * Restores what `saveOwnVariables` stored: of an optimizer that is not built, its counters. Throws StateMismatchError, with
   * both lists, and changes nothing.
   */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    this.restore(weightsOf(this.className, store));
  }

  /**
   * Replaces all own variables, in the order of `variables`, of an optimizer that is built. Throws StateMismatchError and
   * changes nothing.
   */
  abstract setWeights(weights: readonly Weight[]): void;

  /** Throws a StateError after `dispose()`, within a step or a loss, and while the variables hold their averages. */
  checkUsable(): void {
    this.checkAlive();
    this.#run.turn.check(this.className);
  }

  /** Gives the memory of the state back; variables are not touched. The optimizer cannot be used afterwards. */
  dispose(): void {
    if (this.#disposed) return;
    this.#run.turn.check(this.className);
    this.free();
    this.#disposed = true;
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Whether a step is asked for that names nothing at all: then Keras does nothing, either. */
  protected isNothing(gradients: readonly G[], variables: readonly V[] | undefined): boolean {
    checkArray(this.className, "gradients", gradients, "Pass one gradient for each variable, in their order.");
    return gradients.length === 0 && (variables?.length ?? 0) === 0;
  }

  /** Throws a StateError after `dispose()`. */
  protected checkAlive(): void {
    if (this.#disposed) throw new StateError(this.className, `${this.name} was disposed. Make a new one.`);
  }

  /** As `setWeights`, whether it is built or not. */
  protected abstract restore(weights: readonly Weight[]): void;

  /** Whether a value is what this face calls a variable. */
  protected abstract isVariable(value: unknown): boolean;

  /** What `dispose` gives back. */
  protected abstract free(): void;

  /** Makes the slots of variables, and says of each whether it decays. @internal */
  protected add(targets: Parameters<RunState<A>["add"]>[0]): void {
    this.#run.add(targets, ({ name, key }) => this.#decays(name, key));
  }

  /** Throws what `method` says of an optimizer that was not built. */
  protected unbuilt(method = "apply"): never {
    const problem = `${method}() needs to know the variables, and the optimizer is not built`;
    throw new StateError(this.className, `${problem}. Call build(variables) first, or apply(gradients, variables).`);
  }

  /** Runs `fn` between `show`, which puts the averages in place, and what it returns. */
  protected whileAveraged<T>(fn: () => T, show: () => () => void): T {
    this.checkUsable();
    if (!this.#config.useEma) throw new StateError(this.className, "withAverage needs averages. Pass useEma: true.");
    checkFunction(this.className, "fn", fn);
    const restore = show();
    const { turn } = this.#run;
    turn.take("averages");
    return withUndo(fn, () => {
      turn.end();
      restore();
    });
  }
}
