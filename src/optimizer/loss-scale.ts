// class LossScaleOptimizer: another optimizer behind a loss scale that finds its own size. The scale is in
// dynamic-scale.ts.
import type { FloatArray } from "../engine/engine.js";
import { checkKnownKeys, checkName } from "./checks.js";
import { BASE_DEFAULTS, BASE_OPTIONS } from "./config.js";
import { DynamicScale, type DynamicScaleOptions } from "./dynamic-scale.js";
import { badKind, StateError } from "./errors.js";
import { copyGradients, type Gradient, unzip } from "./gradients.js";
import type { LearningRateLike } from "./learning-rate.js";
import { checkedLoss, evaluateLoss, type LossAndGradients } from "./loss.js";
import { Optimizer } from "./optimizer.js";
import { RMSprop } from "./rmsprop.js";
import {
  type CustomObjects,
  deserializeOptimizer,
  type KerasConfig,
  optionsFrom,
  serializeOptimizer,
} from "./serialization.js";
import {
  loadState,
  type OptimizerVariable,
  type SavedArray,
  saveState,
  statelessStep,
  type Weight,
  weightsOf,
} from "./state.js";
import { scaleVariables } from "./state-variables.js";
import type { VariableLike } from "./targets.js";
import type { VariableValue } from "./variable.js";

/** The options of `LossScaleOptimizer`. */
export interface LossScaleOptions extends DynamicScaleOptions {
  /** A name without `/`. Default `"loss_scale_optimizer"`. */
  readonly name?: string;
}

const OWNER = "LossScaleOptimizer";
const OPTIONS = ["initialScale", "dynamicGrowthSteps", "name"];

/**
 * Wraps an optimizer for losses that are multiplied by a large factor, so that small gradients do not vanish in half
 * precision. Gradients are divided by the scale; a step whose gradients are not all finite is left out, and halves the
 * scale; after `dynamicGrowthSteps` finite steps in a row the scale doubles.
 *
 * The inner optimizer's own `lossScaleFactor` is switched off. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer {
  /** Keras' name of the class, which configs use. */
  readonly className: string = OWNER;
  readonly name: string;
  readonly innerOptimizer: Optimizer;
  readonly #scale: DynamicScale;

  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    const requirement = "be an Optimizer";
    if (!(innerOptimizer instanceof Optimizer)) {
      const remedy = "Pass new RMSprop(...), for example.";
      throw badKind({ owner: OWNER, argument: "innerOptimizer", requirement, received: innerOptimizer, remedy });
    }
    checkKnownKeys(OWNER, options, [...OPTIONS, ...BASE_OPTIONS]);
    const own = withoutBaseDefaults(options);
    this.name = checkName(OWNER, own.name ?? "loss_scale_optimizer");
    this.#scale = new DynamicScale(OWNER, own);
    this.innerOptimizer = innerOptimizer;
    innerOptimizer.lossScaleFactor = null;
  }

  /** The scale now. */
  get dynamicScale(): number {
    return this.#scale.scale;
  }

  /** Finite steps since the scale was changed. */
  get stepCounter(): number {
    return this.#scale.steps;
  }

  get initialScale(): number {
    return this.#scale.initialScale;
  }

  get dynamicGrowthSteps(): number {
    return this.#scale.growthSteps;
  }

  get learningRate(): number {
    return this.innerOptimizer.learningRate;
  }

  set learningRate(source: LearningRateLike) {
    this.innerOptimizer.learningRate = source;
  }

  /** The inner optimizer's updates: steps that were left out do not count. */
  get iterations(): number {
    return this.innerOptimizer.iterations;
  }

  get built(): boolean {
    return this.innerOptimizer.built;
  }

  get engine(): string {
    return this.innerOptimizer.engine;
  }

  /** Keras' order: an iteration that stays 0, a learning rate of 0, step counter and scale, then all inner variables. */
  get variables(): OptimizerVariable[] {
    const own = scaleVariables(OWNER, this.name, this.#scale);
    return [...(this.built ? own : own.slice(0, 2)), ...this.innerOptimizer.variables];
  }

  /** Makes the inner optimizer's state for these variables; the first `apply` does it, too. */
  build(variables: readonly VariableLike[]): void {
    this.innerOptimizer.build(variables);
  }

  /** One step with gradients of the scaled loss, or none when a gradient is not finite. */
  apply(gradients: readonly Gradient[], variables?: readonly VariableLike[]): void {
    this.#scale.update(this.innerOptimizer.applyScaled(gradients, this.dynamicScale, variables));
  }

  /** As `apply`, with pairs. Returns the inner optimizer's number of updates. */
  applyGradients(pairs: Iterable<readonly [Gradient, VariableLike]>): number {
    this.apply(...unzip(OWNER, pairs));
    return this.iterations;
  }

  /** Computes the loss and its gradients, those of the loss itself, and makes one step. Returns the loss. */
  minimize(loss: () => LossAndGradients, variables?: readonly VariableLike[]): number {
    const { value, gradients } = evaluateLoss(OWNER, loss);
    this.#scale.update(this.innerOptimizer.applyScaled(gradients, 1, variables));
    return value;
  }

  /** What `apply` would give, without changing anything: `[trainableVariables, optimizerVariables]`, copies. */
  statelessApply(
    optimizerVariables: readonly Weight[],
    gradients: readonly Gradient[],
    trainableVariables: readonly VariableValue[],
  ): [FloatArray[], OptimizerVariable["value"][]] {
    if (!this.built)
      throw new StateError(OWNER, "statelessApply() needs to know the variables. Call build(variables) first.");
    const given = copyGradients(gradients);
    return this.innerOptimizer.withValues(trainableVariables, () => statelessStep(this, optimizerVariables, given));
  }

  /** The loss to differentiate: multiplied by the scale. */
  scaleLoss(loss: number): number {
    return checkedLoss(OWNER, loss) * this.dynamicScale;
  }

  /** Replaces the variables by the inner optimizer's moving averages, if it has them. */
  finalizeVariableValues(variables: readonly VariableLike[]): void {
    this.innerOptimizer.finalizeVariableValues(variables);
  }

  /** Runs `fn` while the variables hold the inner optimizer's moving averages, and puts their values back. */
  withAverage<T>(fn: () => T): T {
    return this.innerOptimizer.withAverage(fn);
  }

  /** Keras' own JSON, the inner optimizer's within it. */
  getConfig(): KerasConfig {
    return {
      name: this.name,
      inner_optimizer: serializeOptimizer(this.innerOptimizer),
      initial_scale: this.initialScale,
      dynamic_growth_steps: this.dynamicGrowthSteps,
    };
  }

  /** The optimizer of a config, as `getConfig` or Keras' `get_config` gives it; its state is fresh. */
  static fromConfig(config: KerasConfig, customObjects: CustomObjects = {}): LossScaleOptimizer {
    const { innerOptimizer, ...options } = optionsFrom(OWNER, config, {});
    const inner = deserializeOptimizer(OWNER, "inner_optimizer", innerOptimizer, { RMSprop, ...customObjects });
    // The constructors check what they are given.
    return new LossScaleOptimizer(inner as Optimizer, options as LossScaleOptions);
  }

  /** Stores copies of all optimizer variables under "0", "1", ..., as Keras numbers them. */
  saveOwnVariables(store: Record<string, SavedArray>): void {
    saveState(OWNER, this.variables, store);
  }

  /** Restores what `saveOwnVariables` stored. Throws StateMismatchError, with both lists, and changes nothing. */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    this.setWeights(weightsOf(OWNER, store));
  }

  /** Replaces all optimizer variables, in the order of `variables`. Throws StateMismatchError and changes nothing. */
  setWeights(weights: readonly Weight[]): void {
    if (!this.built)
      throw new StateError(OWNER, "setWeights() needs to know the variables. Call build(variables) first.");
    loadState(OWNER, this.variables, weights);
  }

  /** Gives the memory of the inner optimizer's state back. */
  dispose(): void {
    this.innerOptimizer.dispose();
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Keras' older configs hold the base arguments with their defaults: those are left out, all others refused. */
function withoutBaseDefaults(options: LossScaleOptions): LossScaleOptions {
  const kept = Object.entries(options).filter(([argument, received]) => {
    if (!Object.hasOwn(BASE_DEFAULTS, argument)) return true;
    const fallback: unknown = BASE_DEFAULTS[argument as keyof typeof BASE_DEFAULTS];
    if (received === fallback && argument !== "learningRate") return false;
    const remedy = `Set ${argument} on the inner optimizer.`;
    throw badKind({ owner: OWNER, argument, requirement: "not be set here", received, remedy });
  });
  return Object.fromEntries(kept);
}
