// class LossScaleOptimizer: another optimizer behind a loss scale that finds its own size. The scale is in
// dynamic-scale.ts.
import type { FloatArray } from "../engine/engine.js";
import { checkKnownKeys } from "./checks.js";
import { BASE_DEFAULTS, BASE_OPTIONS } from "./config.js";
import { badKind } from "./errors.js";
import { copyGradients, type Gradient } from "./gradients.js";
import { checkedLoss, evaluateLoss, type LossAndGradients } from "./loss.js";
import { LossScaleBase, type LossScaleOptions, OPTIONS, OWNER } from "./loss-scale-base.js";
import { Optimizer } from "./optimizer.js";
import { RMSprop } from "./rmsprop.js";
import { type CustomObjects, deserializeOptimizer, type KerasConfig, optionsFrom } from "./serialization.js";
import {
  copyWeights,
  loadState,
  type OptimizerVariable,
  type SavedArray,
  saveState,
  statelessStep,
  type Weight,
} from "./state.js";
import { scaleVariables } from "./state-variables.js";
import type { VariableLike } from "./targets.js";
import type { VariableValue } from "./variable.js";

export type { LossScaleOptions } from "./loss-scale-base.js";

/**
 * Wraps an optimizer for losses that are multiplied by a large factor, so that small gradients do not vanish in half
 * precision. Gradients are divided by the scale; a step whose gradients are not all finite is left out, and halves the
 * scale; after `dynamicGrowthSteps` finite steps in a row the scale doubles.
 *
 * The inner optimizer's own `lossScaleFactor` is switched off. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer extends LossScaleBase<Optimizer, VariableLike, Gradient> {
  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    const requirement = "be an Optimizer";
    if (!(innerOptimizer instanceof Optimizer)) {
      const remedy = "Pass new RMSprop(...), for example.";
      throw badKind({ owner: OWNER, argument: "innerOptimizer", requirement, received: innerOptimizer, remedy });
    }
    checkKnownKeys(OWNER, options, [...OPTIONS, ...BASE_OPTIONS]);
    super(innerOptimizer, withoutBaseDefaults(options));
  }

  /** Keras' order: an iteration that stays 0, a learning rate of 0, step counter and scale, then all inner variables. */
  get variables(): OptimizerVariable[] {
    const own = scaleVariables(OWNER, this.name, this.scale);
    return [...(this.built ? own : own.slice(0, 2)), ...this.innerOptimizer.variables];
  }

  override apply(gradients: readonly Gradient[], variables?: readonly VariableLike[]): void {
    this.scale.update(this.innerOptimizer.applyScaled(gradients, this.dynamicScale, variables));
  }

  /** Computes the loss and its gradients, those of the loss itself, and makes one step. Returns the loss. */
  minimize(loss: () => LossAndGradients, variables?: readonly VariableLike[]): number {
    const { value, gradients } = evaluateLoss(OWNER, loss);
    this.scale.update(this.innerOptimizer.applyScaled(gradients, 1, variables));
    return value;
  }

  /** What `apply` would give, without changing anything: `[trainableVariables, optimizerVariables]`, copies. */
  statelessApply(
    optimizerVariables: readonly Weight[],
    gradients: readonly Gradient[],
    trainableVariables: readonly VariableValue[],
  ): [FloatArray[], OptimizerVariable["value"][]] {
    this.checkBuilt("statelessApply");
    const given = copyGradients(OWNER, gradients);
    const weights = copyWeights(OWNER, optimizerVariables);
    return this.innerOptimizer.withValues(trainableVariables, () => statelessStep(this, weights, given));
  }

  /** The loss to differentiate: multiplied by the scale. */
  scaleLoss(loss: number): number {
    return checkedLoss(OWNER, loss) * this.dynamicScale;
  }

  /** Replaces the variables by the inner optimizer's moving averages, if it has them. */
  finalizeVariableValues(variables: readonly VariableLike[]): void {
    this.innerOptimizer.finalizeVariableValues(variables);
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

  override setWeights(weights: readonly Weight[]): void {
    this.checkBuilt("setWeights");
    loadState(OWNER, this.variables, weights);
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
