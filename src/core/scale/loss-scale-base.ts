// core/scale/: what LossScaleOptimizer is on every face.
//
// class LossScaleBase: what the LossScaleOptimizers of all faces have in common. The scale is in
// dynamic-scale.ts; how a step is taken or left out is in the files of the classes.

import { checkKnownKeys, checkName } from "../../check/arguments.js";
import { badKind, StateError } from "../../check/errors.js";
import { spelt } from "../../check/spelling.js";
import { Unwrapped } from "../../check/unwrapped.js";
import type { LearningRateLike } from "../../schedules/learning-rate-like.js";
import { BASE_DEFAULTS } from "../config.js";
import { unzip } from "../pairs.js";
import {
  checkConfig,
  type KerasConfig,
  optionsFrom,
  type SerializedObject,
  serializeOptimizer,
  setModule,
} from "../serialization.js";
import { type Weight, weightsOf } from "../state/state.js";
import { DynamicScale, type DynamicScaleOptions } from "./dynamic-scale.js";

/** The options of `LossScaleOptimizer`. */
export interface LossScaleOptions extends DynamicScaleOptions {
  /** A name without `/`. Default `"loss_scale_optimizer"`. */
  readonly name?: string;
}

/** Keras' name of the class, which also complains. */
export const LOSS_SCALE_OPTIMIZER = "LossScaleOptimizer";
/** Keras' module of the class. */
export const MODULE = "keras.optimizers";
const OPTIONS: readonly string[] = ["initialScale", "dynamicGrowthSteps", "name"];
/** What older configs have beside them. */
const OLD: readonly string[] = ["dynamic", ...Object.keys(BASE_DEFAULTS)];

/** The name and the scale that the options ask for. */
export function resolveScale(options: LossScaleOptions): { readonly name: string; readonly scale: DynamicScale } {
  checkKnownKeys(LOSS_SCALE_OPTIMIZER, options, OPTIONS, "options", OLD);
  checkOld(options);
  const name = checkName(LOSS_SCALE_OPTIMIZER, options.name ?? "loss_scale_optimizer");
  return { name, scale: new DynamicScale(LOSS_SCALE_OPTIMIZER, options) };
}

/** Throws for an argument of older configs that says anything: as in Keras, one that has its default is passed over. */
function checkOld(options: object): void {
  for (const [option, received] of Object.entries(options)) {
    const argument = spelt(options, option);
    if (option === "dynamic" && received !== true) {
      const remedy = `For a scale that stays, set ${spelt(options, "lossScaleFactor")} on the inner optimizer.`;
      throw badKind({
        owner: LOSS_SCALE_OPTIMIZER,
        argument,
        requirement: "be true, as Keras 3 has no other",
        received,
        remedy,
      });
    }
    if (!Object.hasOwn(BASE_DEFAULTS, option) || received === undefined) continue;
    const fallback: unknown = BASE_DEFAULTS[option as keyof typeof BASE_DEFAULTS];
    if (received === fallback && option !== "learningRate") continue;
    const remedy = `Set ${argument} on the inner optimizer.`;
    throw badKind({ owner: LOSS_SCALE_OPTIMIZER, argument, requirement: "not be set here", received, remedy });
  }
}

/** The serialized inner optimizer of a config, and the options beside it. */
export function innerAndOptions(config: KerasConfig): { readonly inner: unknown; readonly options: LossScaleOptions } {
  checkConfig(LOSS_SCALE_OPTIMIZER, config);
  const { innerOptimizer, inner_optimizer: inner = innerOptimizer, ...own } = config;
  return { inner, options: optionsFrom({ name: LOSS_SCALE_OPTIMIZER }, own, {}) };
}

/** Keras' own JSON of a LossScaleOptimizer, the inner optimizer's within it. */
export function scaleConfig(
  name: string,
  { initialScale, growthSteps }: DynamicScale,
  inner: SerializedObject,
): KerasConfig & { readonly inner_optimizer: SerializedObject } {
  return {
    ...{ name, inner_optimizer: inner },
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
  checkUsable(): void;
  getConfig(): KerasConfig;
  dispose(): void;
}

/** `V` are the variables that a user passes, `G` their gradients. */
export abstract class LossScaleBase<I extends Inner<V>, V, G> extends Unwrapped {
  /** Keras' name of the class, which configs use. */
  readonly className: string = LOSS_SCALE_OPTIMIZER;
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
    setModule(this, MODULE);
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
    this.apply(...unzip(LOSS_SCALE_OPTIMIZER, pairs));
    return this.iterations;
  }

  /** Runs `fn` while the variables hold the inner optimizer's moving averages, and puts their values back. */
  withAverage<T>(fn: () => T): T {
    return this.innerOptimizer.withAverage(fn);
  }

  /** Keras' own JSON, the inner optimizer's within it. */
  getConfig(): KerasConfig {
    return scaleConfig(this.name, this.scale, serializeOptimizer(this.innerOptimizer, this.innerOptimizer.className));
  }

  /**
   * Restores what `saveOwnVariables` stored: of an optimizer that is not built, its counters. Throws StateMismatchError, with
   * both lists, and changes nothing.
   */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    this.restore(weightsOf(LOSS_SCALE_OPTIMIZER, store));
  }

  /**
   * Replaces all own variables, those of the inner optimizer last, of an optimizer that is built. Throws StateMismatchError
   * and changes nothing.
   */
  setWeights(weights: readonly Weight[]): void {
    this.checkBuilt("setWeights");
    this.restore(weights);
  }

  /** As `setWeights`, whether it is built or not. */
  protected abstract restore(weights: readonly Weight[]): void;

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
    this.innerOptimizer.checkUsable();
    if (this.built) return;
    throw new StateError(LOSS_SCALE_OPTIMIZER, `${method}() needs to know the variables. Call build(variables) first.`);
  }
}
