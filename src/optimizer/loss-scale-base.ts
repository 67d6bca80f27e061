// class LossScaleBase: what the LossScaleOptimizers of core and of the faces have in common. The scale is in
// dynamic-scale.ts; how a step is taken or left out is in the files of the classes.
import { Unwrapped } from "../check/unwrapped.js";
import { checkKnownKeys, checkName } from "./checks.js";
import { DynamicScale, type DynamicScaleOptions } from "./dynamic-scale.js";
import { StateError } from "./errors.js";
import { unzip } from "./gradients.js";
import type { LearningRateLike } from "./learning-rate.js";
import { type KerasConfig, type SerializedObject, serializeOptimizer } from "./serialization.js";
import { type Weight, weightsOf } from "./state.js";

/** The options of `LossScaleOptimizer`. */
export interface LossScaleOptions extends DynamicScaleOptions {
  /** A name without `/`. Default `"loss_scale_optimizer"`. */
  readonly name?: string;
}

/** Keras' name of the class, which also complains. */
export const OWNER = "LossScaleOptimizer";
export const OPTIONS: readonly string[] = ["initialScale", "dynamicGrowthSteps", "name"];

/** The name and the scale that the options ask for. */
export function resolveScale(options: LossScaleOptions): { readonly name: string; readonly scale: DynamicScale } {
  checkKnownKeys(OWNER, options, OPTIONS);
  const name = checkName(OWNER, options.name ?? "loss_scale_optimizer");
  return { name, scale: new DynamicScale(OWNER, options) };
}

/** Keras' own JSON of a LossScaleOptimizer, the inner optimizer's within it. */
export function scaleConfig(
  name: string,
  { initialScale, growthSteps }: DynamicScale,
  inner: Parameters<typeof serializeOptimizer>[0],
): KerasConfig & { readonly inner_optimizer: SerializedObject } {
  return {
    ...{ name, inner_optimizer: serializeOptimizer(inner) },
    ...{ initial_scale: initialScale, dynamic_growth_steps: growthSteps },
  };
}

/** The optimizer within; `V` are the variables that a user passes. */
interface Inner<V> {
  readonly className: string;
  get learningRate(): number;
  set learningRate(source: LearningRateLike);
  readonly iterations: number;
  readonly built: boolean;
  readonly engine: string;
  lossScaleFactor: number | null;
  build(variables: readonly V[]): void;
  withAverage<T>(fn: () => T): T;
  getConfig(): KerasConfig;
  dispose(): void;
}

/** `V` are the variables that a user passes, `G` their gradients. */
export abstract class LossScaleBase<I extends Inner<V>, V, G> extends Unwrapped {
  /** Keras' name of the class, which configs use. */
  readonly className: string = OWNER;
  readonly name: string;
  readonly innerOptimizer: I;
  /** @internal */
  protected readonly scale: DynamicScale;

  constructor(innerOptimizer: I, options: LossScaleOptions) {
    super();
    const { name, scale } = resolveScale(options);
    this.name = name;
    this.scale = scale;
    this.innerOptimizer = innerOptimizer;
    innerOptimizer.lossScaleFactor = null;
  }

  /** The scale now. */
  get dynamicScale(): number {
    return this.scale.scale;
  }

  /** Finite steps since the scale was changed. */
  get stepCounter(): number {
    return this.scale.steps;
  }

  get initialScale(): number {
    return this.scale.initialScale;
  }

  get dynamicGrowthSteps(): number {
    return this.scale.growthSteps;
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

  /** Makes the inner optimizer's state for these variables; the first `apply` does it, too. */
  build(variables: readonly V[]): void {
    this.innerOptimizer.build(variables);
  }

  /** One step with gradients of the scaled loss, or none when a gradient is not finite. */
  abstract apply(gradients: readonly G[], variables?: readonly V[]): void;

  /** As `apply`, with pairs. Returns the inner optimizer's number of updates. */
  applyGradients(pairs: Iterable<readonly [G, V]>): number {
    this.apply(...unzip(OWNER, pairs));
    return this.iterations;
  }

  /** Runs `fn` while the variables hold the inner optimizer's moving averages, and puts their values back. */
  withAverage<T>(fn: () => T): T {
    return this.innerOptimizer.withAverage(fn);
  }

  /** Keras' own JSON, the inner optimizer's within it. */
  getConfig(): KerasConfig {
    return scaleConfig(this.name, this.scale, this.innerOptimizer);
  }

  /** Restores what `saveOwnVariables` stored. Throws StateMismatchError, with both lists, and changes nothing. */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    this.setWeights(weightsOf(OWNER, store));
  }

  /** Replaces all own variables, those of the inner optimizer last. Throws StateMismatchError and changes nothing. */
  abstract setWeights(weights: readonly Weight[]): void;

  /** Gives the memory of the inner optimizer's state back. */
  dispose(): void {
    this.innerOptimizer.dispose();
  }

  /** As `dispose()`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Throws what `method` says of an optimizer that was not built. */
  protected checkBuilt(method: string): void {
    if (this.built) return;
    throw new StateError(OWNER, `${method}() needs to know the variables. Call build(variables) first.`);
  }
}
