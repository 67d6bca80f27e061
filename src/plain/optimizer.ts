// class Optimizer: what a user holds. It checks what comes in and hands it to core/run/run-state.ts; there is no arithmetic here.
// RMSprop is in rmsprop.ts, the JSON form of configs in core/serialization.ts.

import { checkedItems } from "../check/arguments.js";
import { isFloats } from "../check/built-ins.js";
import { type Config, clipOf, resolveConfig } from "../core/config.js";
import { checkedLoss, evaluateLoss, refuseNaN } from "../core/loss.js";
import { OptimizerBase } from "../core/optimizer-base.js";
import { Calls, checkCount } from "../core/run/call.js";
import { RunState } from "../core/run/run-state.js";
import { withUndo } from "../core/run/undo.js";
import { checkScale } from "../core/scale/dynamic-scale.js";
import { type Constructible, type CustomObjects, type KerasConfig, optionsFrom } from "../core/serialization.js";
import {
  copiesOf,
  copyWeights,
  loadState,
  type OptimizerVariable,
  type SavedArray,
  type StateVariable,
  saveState,
  statelessStep,
  type Weight,
} from "../core/state/state.js";
import { stateVariables } from "../core/state/state-variables.js";
import { defaultEngine } from "../engine/default-engine.js";
import type { FloatArray, HostArray, HostEngine } from "../engine/engine.js";
import type { OptimizerOptions } from "../optimizers/base-options.js";
import type { Hyper, OptimizerDefinition } from "../optimizers/definition.js";
import { constrain, mayThrow } from "./constraints.js";
import type { LossAndGradients } from "./inputs/gradients.js";
import { copyGradients, type Gradient, type SteadyGradient, steadied } from "./inputs/gradients.js";
import { HostArguments, valuesFor } from "./inputs/host-arguments.js";
import { checkOneType, targetsOf, type VariableLike } from "./inputs/targets.js";
import { Variable, type VariableValue } from "./variable.js";

/**
 * The base of all optimizers: everything around the update rule, as in Keras' `keras.optimizers.Optimizer`.
 *
 * To make one of your own, describe its rule with `defineOptimizer` and extend this class.
 * An `apply` that throws has changed nothing.
 */
export class Optimizer<Own extends object = Hyper> extends OptimizerBase<Own, VariableLike, Gradient, HostArray> {
  readonly #config: Config;
  readonly #engine: HostEngine;
  readonly #run: RunState<HostArray>;
  #inputs: Inputs | null = null;
  // With a constraint of the user's own, which may throw when everything else is done.
  #mayFailLate = false;
  #constrained = false;

  constructor(definition: OptimizerDefinition, options: OptimizerOptions<Own>) {
    const config = resolveConfig(definition, options);
    const engine = defaultEngine();
    const run = new RunState<HostArray>(definition, config, engine);
    super(config, run);
    this.#config = config;
    this.#engine = engine;
    this.#run = run;
  }

  override get built(): boolean {
    return this.#inputs !== null;
  }

  /**
   * The optimizer's own variables in Keras' order: iteration, the learning rate if it is a number, then each kind of slot
   * over all variables.
   */
  get variables(): OptimizerVariable[] {
    return this.ownState;
  }

  /** As `variables`, to be read without showing the memory of the engine. @internal */
  get ownState(): StateVariable[] {
    return stateVariables(this.name, this.#run, this.#engine);
  }

  /** The kinds of slots that a variable gets, in the order of `variables`. */
  slotsFor(variable: { readonly overwriteWithGradient: boolean }): string[] {
    return this.#run.kindsFor(variable);
  }

  override build(variables: readonly VariableLike[]): void {
    this.checkUsable();
    if (this.#inputs) return;
    const wanted = checkedItems(this.className, "variables", variables, "Pass [variable], even for one.");
    this.checkUsable(); // to read the list may have run code of the user's
    if (!this.#inputs) this.#build(wanted);
  }

  #build(variables: readonly VariableLike[]): Inputs {
    const targets = targetsOf(this.className, variables, this.#engine);
    if (clipOf(this.#config) === "globalNorm") checkOneType(this.className, targets);
    this.add(targets);
    this.#mayFailLate = targets.some(mayThrow);
    this.#constrained = targets.some(({ key }) => Variable.isVariable(key) && key.constraint !== null);
    const host = new HostArguments(this.className, this.#engine, this.#run);
    this.#inputs = { host, calls: new Calls(this.className, this.#run, host) };
    return this.#inputs;
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
  override apply(gradients: readonly Gradient[], variables?: readonly VariableLike[]): void {
    this.#apply(gradients, variables, this.lossScaleFactor);
  }

  /**
   * As `apply`, with gradients of a loss that was multiplied by `lossScale`, whatever `lossScaleFactor` is. When one of
   * them is not finite, nothing changes and the result is false. Scales that LossScaleOptimizer may reach are taken, 0 and
   * Infinity too: gradients are divided by them.
   */
  applyScaled(gradients: readonly Gradient[], lossScale: number, variables?: readonly VariableLike[]): boolean {
    checkScale(this.className, "lossScale", lossScale);
    return this.#apply(gradients, variables, lossScale, true);
  }

  /**
   * One step with the gradients that `loss` computes: those of the loss itself, not scaled. Returns the loss. One of NaN is a
   * RangeError, and nothing changes.
   */
  minimize(loss: () => LossAndGradients, variables?: readonly VariableLike[]): number {
    const { value, gradients } = this.evaluate(this.className, loss);
    refuseNaN(this.className, value);
    this.#apply(gradients, variables, null);
    return value;
  }

  /** The loss and its gradients; the loss function cannot change the optimizer. @internal */
  evaluate(owner: string, loss: () => LossAndGradients): LossAndGradients {
    this.checkUsable();
    const { turn } = this.#run;
    turn.take("loss");
    try {
      return evaluateLoss(owner, loss);
    } finally {
      turn.end();
    }
  }

  /** What `apply` would give, without changing anything: copies `[trainableVariables, optimizerVariables]`. */
  statelessApply(
    optimizerVariables: readonly Weight[],
    gradients: readonly Gradient[],
    trainableVariables: readonly VariableValue[],
  ): [FloatArray[], OptimizerVariable["value"][]] {
    this.#checkBuilt("statelessApply");
    const given = copyGradients(this.className, gradients);
    const weights = copyWeights(this.className, optimizerVariables);
    return this.withValues(trainableVariables, () => statelessStep(this, weights, given));
  }

  /** Runs `fn` with other values in the variables, puts theirs back, and returns `[what they held then, its result]`. */
  withValues<T>(values: readonly VariableValue[], fn: () => T): [FloatArray[], T] {
    this.#checkBuilt("withValues");
    const numbers = valuesFor(this.className, this.#run.targets, values);
    this.#checkBuilt("withValues"); // to read the values may have run code of the user's
    const arrays = this.#run.targets.map(({ array }) => array);
    const run = (): [FloatArray[], T] => {
      for (const [i, array] of arrays.entries()) this.#engine.write(array, numbers[i] ?? []);
      const result = fn();
      return [arrays.map((array) => this.#engine.read(array).slice()), result];
    };
    return withUndo(run, this.#run.keepValues());
  }

  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one. */
  scaleLoss(loss: number): number {
    return checkedLoss(this.className, loss) * (this.lossScaleFactor ?? 1);
  }

  /** Replaces the variables by their moving averages. Without `useEma` nothing happens. */
  finalizeVariableValues(variables: readonly VariableLike[]): void {
    this.checkUsable();
    if (!this.#config.useEma) return;
    const wanted = checkedItems(this.className, "variables", variables, "Pass [variable], even for one.");
    const inputs = this.#checkBuilt("finalizeVariableValues");
    checkCount(this.className, "variables", wanted, this.#run.targets.length);
    for (const index of inputs.calls.indicesOf(wanted)) {
      const average = this.#run.averageOf(index);
      const target = this.#run.targets[index];
      if (target && average) this.#engine.copy(average, target.array);
    }
  }

  /**
   * Runs `fn` while the variables hold their moving averages, and puts the trained values back, whatever `fn` does; when
   * it returns a promise, once that is settled.
   */
  withAverage<T>(fn: () => T): T {
    return this.whileAveraged(fn, () => {
      this.#checkBuilt("withAverage");
      return this.#run.showAverages();
    });
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig<T>(this: Constructible<T>, config: KerasConfig, customObjects: CustomObjects = {}): T {
    return new this(optionsFrom(this, config, customObjects));
  }

  /** Stores copies of all optimizer variables under "0", "1", ..., as Keras numbers them. */
  saveOwnVariables(store: Record<string, SavedArray>): void {
    saveState(this.className, copiesOf(this.ownState), store);
  }

  override setWeights(weights: readonly Weight[]): void {
    this.#checkBuilt("setWeights");
    this.restore(weights);
  }

  protected override restore(weights: readonly Weight[]): void {
    this.checkUsable();
    loadState(this.className, this.ownState, weights, this.built);
  }

  /** Copies of its own variables. The result puts them back. @internal */
  keepState(): () => void {
    return this.#run.keepState();
  }

  protected override isVariable(value: unknown): boolean {
    return Variable.isVariable(value) || isFloats(value);
  }

  protected override free(): void {
    this.#release();
  }

  #apply(
    gradients: readonly Gradient[],
    variables: readonly VariableLike[] | undefined,
    lossScale: number | null,
    onlyFinite = false,
  ): boolean {
    this.checkUsable();
    const { turn } = this.#run;
    turn.take("step");
    const isBuilt = this.built;
    try {
      if (this.isNothing(gradients, variables)) return true;
      if (this.#inputs?.calls.repeats(gradients, variables)) {
        return this.#step(this.#inputs.calls, lossScale, onlyFinite);
      }
      // First all that may run code of the user's: a list may be a proxy, or have getters.
      const given = steadied(this.className, this.#engine, gradients);
      const wanted =
        variables === undefined
          ? undefined
          : checkedItems(this.className, "variables", variables, "Pass [variable], even for one.");
      const { calls } = this.#inputs ?? this.#build(wanted ?? this.unbuilt());
      calls.take(given, wanted);
      return this.#step(calls, lossScale, onlyFinite);
    } catch (error) {
      if (!isBuilt) this.#release();
      throw error;
    } finally {
      this.#inputs?.calls.forget();
      turn.end();
    }
  }

  #step(calls: Inputs["calls"], lossScale: number | null, onlyFinite: boolean): boolean {
    if (onlyFinite && !this.#engine.allFinite(this.#run.prepare(calls.resolve(), lossScale))) return false;
    this.#run.ask();
    const call = calls.resolve();
    // Constraints of the user's own may throw when everything else is done.
    const undo = this.#mayFailLate ? this.#keep() : null;
    try {
      this.#engine.run(this.#run.prepare(call, lossScale));
      this.#run.commit();
      if (this.#constrained) constrain(this.#run.targets, call);
    } catch (error) {
      undo?.();
      throw error;
    }
    return true;
  }

  /** Copies of all that a step changes. The result puts it back. */
  #keep(): () => void {
    const [putValuesBack, putStateBack] = [this.#run.keepValues(), this.#run.keepState()];
    return () => {
      putValuesBack();
      putStateBack();
    };
  }

  #checkBuilt(method: string): Inputs {
    this.checkUsable();
    this.#inputs?.host.checkAlive();
    return this.#inputs ?? this.unbuilt(method);
  }

  #release(): void {
    this.#inputs?.host.dispose();
    this.#inputs = null;
    this.#run.dispose();
  }
}

/** What reads the arguments of a step, as long as the optimizer is built. */
interface Inputs {
  readonly host: HostArguments;
  readonly calls: Calls<SteadyGradient, VariableLike, HostArray>;
}
