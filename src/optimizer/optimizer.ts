// class Optimizer: what a user holds. It checks what comes in and hands it to trainer.ts; there is no arithmetic here.
// RMSprop is in rmsprop.ts, the JSON form of configs in serialization.ts.
import { defaultEngine } from "../engine/default.js";
import type { CoreArray, CoreEngine, FloatArray } from "../engine/engine.js";
import { checkArray, checkFunction, checkNumber, checkNumberOrNull } from "./checks.js";
import { type Config, clipOf, type OptimizerOptions, resolveConfig } from "./config.js";
import type { Hyper, OptimizerDefinition } from "./definition.js";
import { StateError } from "./errors.js";
import { copyGradients, type Gradient, pinned, unzip } from "./gradients.js";
import type { LearningRateLike } from "./learning-rate.js";
import { checkedLoss, evaluateLoss, type LossAndGradients } from "./loss.js";
import { type Constructible, type CustomObjects, configOf, type KerasConfig, optionsFrom } from "./serialization.js";
import { settle } from "./settle.js";
import {
  loadState,
  type OptimizerVariable,
  type SavedArray,
  saveState,
  snapshot,
  statelessStep,
  type Weight,
  weightsOf,
} from "./state.js";
import { optimizerVariables } from "./state-variables.js";
import { checkCount, StepInputs, valuesFor } from "./step-inputs.js";
import { checkOneType, constrain, mayThrow, targetsOf, type VariableLike } from "./targets.js";
import { Trainer } from "./trainer.js";
import { Variable, type VariableValue } from "./variable.js";
import { type Exclusion, excluder } from "./weight-decay.js";

/** The range of a loss scale: kept, so that a step makes no object. */
const NOT_NEGATIVE = { min: 0 };

/**
 * The base of all optimizers: everything around the update rule, as in Keras' `keras.optimizers.Optimizer`.
 *
 * To make one of your own, describe its rule with `defineOptimizer` and extend this class.
 * An `apply` that throws has changed nothing.
 */
export class Optimizer<H extends Hyper = Hyper> {
  readonly name: string;
  readonly #definition: OptimizerDefinition;
  readonly #config: Config<H>;
  readonly #engine: CoreEngine;
  readonly #trainer: Trainer<CoreArray>;
  #inputs: StepInputs | null = null;
  #disposed = false;
  #averaged = false;
  // With a constraint of the user's own, which may throw when everything else is done.
  #mayFailLate = false;
  #constrained = false;
  #decays: (name: string, key: object) => boolean = () => true;

  constructor(definition: OptimizerDefinition<H>, options: OptimizerOptions<H>) {
    this.#definition = definition;
    this.#config = resolveConfig(definition, options);
    this.#engine = defaultEngine();
    this.name = this.#config.name;
    this.#trainer = new Trainer(this.#definition, this.#config, this.#engine);
  }

  /** The learning rate of the next update. Setting a number is refused while a schedule owns it, as in Keras. */
  get learningRate(): number {
    return this.#trainer.currentLearningRate();
  }

  set learningRate(source: LearningRateLike) {
    this.#trainer.learningRate.set(source);
  }

  /** What the learning rate is made of: a number, a schedule or a function. */
  get learningRateSource(): LearningRateLike {
    return this.#trainer.learningRate.source;
  }

  /** Updates made so far. Under gradient accumulation, calls of `apply` divided by the steps, rounded down. */
  get iterations(): number {
    return this.#trainer.iterations;
  }

  /** Keras' name of the class, which configs use. */
  get className(): string {
    return this.#definition.className;
  }

  get built(): boolean {
    return this.#inputs !== null;
  }

  /** Which engine computes: `"wasm"` or `"js"`. */
  get engine(): string {
    return this.#engine.name;
  }

  /** The factor by which `scaleLoss` multiplies and `apply` divides; null for none. */
  get lossScaleFactor(): number | null {
    return this.#trainer.lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    this.#trainer.lossScaleFactor = checkNumberOrNull(this.className, "lossScaleFactor", factor, { above: 0 });
  }

  /** The own hyper-parameters, as given. */
  get hyper(): H {
    return this.#config.hyper;
  }

  /**
   * The optimizer's own variables in Keras' order: iteration, the learning rate if it is a number, then each kind of slot
   * over all variables.
   */
  get variables(): OptimizerVariable[] {
    return optimizerVariables(this.name, this.#trainer);
  }

  /** The variables that it was built with, in their order. */
  get trainedVariables(): VariableLike[] {
    return this.#trainer.targets.map(({ key }) => key as VariableLike); // `build` puts in nothing else.
  }

  /** Whether weight decay, where there is any, takes from a variable that it was built with: not if it was excluded. */
  decays(variable: VariableLike): boolean {
    const target = this.#trainer.targets[this.#trainer.indexOf(variable)];
    return target === undefined || this.#decays(target.name, target.key);
  }

  /** Makes the state for these variables. A second call does nothing, as in Keras. Called by the first `apply`. */
  build(variables: readonly VariableLike[]): void {
    this.checkUsable();
    if (this.#inputs) return;
    const targets = targetsOf(this.className, variables, this.#engine);
    if (clipOf(this.#config) === "globalNorm") checkOneType(this.className, targets);
    this.#trainer.add(targets, ({ name, key }) => this.#decays(name, key));
    this.#mayFailLate = targets.some(mayThrow);
    this.#constrained = targets.some(({ key }) => key instanceof Variable && key.constraint !== null);
    this.#inputs = new StepInputs(this.className, this.#engine, this.#trainer);
  }

  /** Builds it and runs `fn`. When `fn` throws, an optimizer that was not built before is not built afterwards. */
  buildThen<T>(variables: readonly VariableLike[], fn: () => T): T {
    const { built } = this;
    this.build(variables);
    try {
      return fn();
    } catch (error) {
      if (!built) this.#release();
      throw error;
    }
  }

  /**
   * One step: updates the variables by their gradients, in place.
   *
   * @param gradients one for each variable, in their order; `null` where there is none. They are read, not kept.
   * @param variables those that the optimizer was built with, or some of them, in any order; by default all. The first
   *   call builds the optimizer for them.
   */
  apply(gradients: readonly Gradient[], variables?: readonly VariableLike[]): void {
    this.#apply(gradients, variables, this.lossScaleFactor);
  }

  /** As `apply`, with pairs. Returns the number of calls so far. */
  applyGradients(pairs: Iterable<readonly [Gradient, VariableLike]>): number {
    this.apply(...unzip(this.className, pairs));
    return this.#trainer.calls;
  }

  /**
   * As `apply`, with gradients of a loss that was multiplied by `lossScale`, whatever `lossScaleFactor` is. When one of
   * them is not finite, nothing changes and the result is false.
   */
  applyScaled(gradients: readonly Gradient[], lossScale: number, variables?: readonly VariableLike[]): boolean {
    checkNumber(this.className, "lossScale", lossScale, NOT_NEGATIVE);
    return this.#apply(gradients, variables, lossScale, true);
  }

  /** One step with the gradients that `loss` computes: those of the loss itself, not scaled. Returns the loss. */
  minimize(loss: () => LossAndGradients, variables?: readonly VariableLike[]): number {
    const { value, gradients } = evaluateLoss(this.className, loss);
    this.#apply(gradients, variables, null);
    return value;
  }

  /** What `apply` would give, without changing anything: copies `[trainableVariables, optimizerVariables]`. */
  statelessApply(
    optimizerVariables: readonly Weight[],
    gradients: readonly Gradient[],
    trainableVariables: readonly VariableValue[],
  ): [FloatArray[], OptimizerVariable["value"][]] {
    this.#checkBuilt("statelessApply");
    const given = copyGradients(gradients);
    return this.withValues(trainableVariables, () => statelessStep(this, optimizerVariables, given));
  }

  /** Runs `fn` with other values in the variables, puts theirs back, and returns `[what they held then, its result]`. */
  withValues<T>(values: readonly VariableValue[], fn: () => T): [FloatArray[], T] {
    this.#checkBuilt("withValues");
    return this.#trainer.withValues(valuesFor(this.className, this.#trainer.targets, values), fn);
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. */
  scaleLoss(loss: number): number {
    return checkedLoss(this.className, loss) * (this.lossScaleFactor ?? 1);
  }

  /** Replaces the variables by their moving averages. Without `useEma` nothing happens. */
  finalizeVariableValues(variables: readonly VariableLike[]): void {
    this.checkUsable();
    if (!this.#config.useEma) return;
    const inputs = this.#checkBuilt("finalizeVariableValues");
    checkCount(this.className, "variables", variables, this.#trainer.targets.length);
    for (const index of inputs.indicesOf(variables)) {
      const average = this.#trainer.averageOf(index);
      const target = this.#trainer.targets[index];
      if (target && average) this.#engine.copy(average, target.array);
    }
  }

  /**
   * Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does; when
   * it returns a promise, once that is settled.
   */
  withAverage<T>(fn: () => T): T {
    this.#checkBuilt("withAverage");
    if (!this.#config.useEma) throw new StateError(this.className, "withAverage needs averages. Pass useEma: true.");
    checkFunction(this.className, "fn", fn);
    const restore = this.#trainer.showAverages();
    this.#averaged = true;
    return settle(fn, () => {
      this.#averaged = false;
      restore();
    });
  }

  /**
   * Leaves variables out of weight decay; call it before the optimizer is built. `names` are strings or regular
   * expressions, searched in each variable's name. Another call replaces what the last one said.
   */
  excludeFromWeightDecay(exclusion: Exclusion): void {
    const problem = "excludeFromWeightDecay() must come before the optimizer is built. Call it first.";
    if (this.built) throw new StateError(this.className, problem);
    this.#decays = excluder(this.className, exclusion);
  }

  /** Keras' own JSON for this optimizer, in snake_case and Keras' order. */
  getConfig(): KerasConfig {
    return configOf(this.#definition.className, this.#config, this.#trainer.learningRate.source, this.lossScaleFactor);
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig<T>(this: Constructible<T>, config: KerasConfig, customObjects: CustomObjects = {}): T {
    return new this(optionsFrom(this.name, config, customObjects));
  }

  /** Stores copies of all optimizer variables under "0", "1", ..., as Keras numbers them. */
  saveOwnVariables(store: Record<string, SavedArray>): void {
    saveState(this.className, this.variables, store);
  }

  /** Restores what `saveOwnVariables` stored. Throws StateMismatchError, with both lists, and changes nothing. */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    this.setWeights(weightsOf(this.className, store));
  }

  /** Replaces all optimizer variables, in the order of `variables`. Throws StateMismatchError and changes nothing. */
  setWeights(weights: readonly Weight[]): void {
    this.#checkBuilt("setWeights");
    loadState(this.className, this.variables, weights);
  }

  /** Gives the memory of the state back; variables are not touched. The optimizer cannot be used afterwards. */
  dispose(): void {
    if (this.#disposed) return;
    if (this.#averaged) this.checkUsable();
    this.#release();
    this.#disposed = true;
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #apply(
    gradients: readonly Gradient[],
    variables: readonly VariableLike[] | undefined,
    lossScale: number | null,
    onlyFinite = false,
  ): boolean {
    this.checkUsable();
    checkArray(this.className, "gradients", gradients, "Pass one gradient for each variable, in their order.");
    // Keras does nothing, too.
    if (gradients.length === 0 && (variables?.length ?? 0) === 0) return true;
    const built = this.#inputs;
    if (built?.repeats(gradients, variables)) return this.#step(built.indices, built.gradients, lossScale, onlyFinite);
    const stable = pinned(this.#engine, gradients);
    if (!built) this.build(variables ?? this.#unbuilt());
    try {
      const inputs = this.#inputs ?? this.#unbuilt();
      return this.#step(inputs.resolve(stable, variables), inputs.gradients, lossScale, onlyFinite);
    } catch (error) {
      if (!built) this.#release();
      throw error;
    }
  }

  #step(
    indices: readonly number[],
    arrays: readonly (CoreArray | null)[],
    lossScale: number | null,
    onlyFinite: boolean,
  ): boolean {
    if (onlyFinite && !this.#engine.allFinite(arrays)) return false;
    const undo = this.#mayFailLate ? snapshot(this, this.#trainer) : null;
    try {
      this.#trainer.apply(indices, arrays, lossScale);
      if (this.#constrained) constrain(this.#trainer.targets, indices, arrays);
    } catch (error) {
      undo?.();
      throw error;
    }
    return true;
  }

  /** Throws a StateError after `dispose()`, and while the variables hold their averages. */
  checkUsable(): void {
    if (this.#disposed) throw new StateError(this.className, `${this.name} was disposed. Make a new one.`);
    if (this.#averaged) {
      throw new StateError(this.className, "variables hold their averages in withAverage(). Train after it has ended.");
    }
  }

  #checkBuilt(method: string): StepInputs {
    this.checkUsable();
    this.#inputs?.checkAlive();
    return this.#inputs ?? this.#unbuilt(method);
  }

  #unbuilt(method = "apply"): never {
    const problem = `${method}() needs to know the variables, and the optimizer is not built`;
    throw new StateError(this.className, `${problem}. Call build(variables) first, or apply(gradients, variables).`);
  }

  #release(): void {
    this.#inputs?.dispose();
    this.#inputs = null;
    this.#trainer.dispose();
  }
}
