// core/scale/: what LossScaleOptimizer is on every face.
//
// class LossScaleBase: what the LossScaleOptimizers of all faces have in common. The scale is in
// dynamic-scale.ts; how a step is taken or left out is in the files of the classes.

import { checkKnownKeys, checkName } from "../../check/arguments.js";
import { argumentsOf } from "../../check/errors.js";
import { spelt } from "../../check/spelling.js";
import { Unwrapped } from "../../check/unwrapped.js";
import type { LearningRateLike } from "../../schedules/learning-rate-like.js";
import { BASE_DEFAULTS } from "../config.js";
import type { OptimizerBase, OptimizerMembers } from "../optimizer-base.js";
import { unzip } from "../pairs.js";
import { runOf } from "../run/run.js";
import {
  type CustomObjects,
  checkConfig,
  classOf,
  type KerasConfig,
  optionsFrom,
  type SerializedObject,
  serializeOptimizer,
  setModule,
} from "../serialization.js";
import { holdState, restoreState, stateOf } from "../state/own-state.js";
import { type Weight, weightsOf } from "../state/state.js";
import { scaleVariables } from "../state/state-variables.js";
import { DynamicScale, type DynamicScaleOptions } from "./dynamic-scale.js";

/** The options of `LossScaleOptimizer`. */
export interface LossScaleOptions extends DynamicScaleOptions {
  /** A name without `/`. Default `"loss_scale_optimizer"`. */
  readonly name?: string;
}

/** Keras' name of the class, which also complains. */
export const LOSS_SCALE_OPTIMIZER = "LossScaleOptimizer";

/** An argument of a LossScaleOptimizer, for messages. */
export const lossScaleArgument = argumentsOf(LOSS_SCALE_OPTIMIZER);

/** Keras' module of the class. */
const MODULE = "keras.optimizers";
const OPTIONS: readonly string[] = ["initialScale", "dynamicGrowthSteps", "name"];
/** What older configs have beside them. */
const OLD: readonly string[] = ["dynamic", ...Object.keys(BASE_DEFAULTS)];

/** Throws for an argument of older configs that says anything: as in Keras, one that has its default is passed over. */
function checkOld(options: object): void {
  for (const [option, received] of Object.entries(options)) {
    const argument = lossScaleArgument(spelt(options, option));
    if (option === "dynamic" && received !== true) {
      const remedy = `For a scale that stays, set ${spelt(options, "lossScaleFactor")} on the inner optimizer.`;
      throw argument.badKind("be true, as Keras 3 has no other", received, remedy);
    }
    if (!Object.hasOwn(BASE_DEFAULTS, option) || received === undefined) continue;
    const fallback: unknown = BASE_DEFAULTS[option as keyof typeof BASE_DEFAULTS]; // it has it
    if (received === fallback && option !== "learningRate") continue;
    throw argument.badKind("not be set here", received, `Set ${argument.name} on the inner optimizer.`);
  }
}

/** The inner optimizer of a config, its class being one of these, and the options beside it. */
export function innerAndOptions(
  config: KerasConfig,
  classes: CustomObjects,
): ReturnType<typeof classOf> & { readonly options: LossScaleOptions } {
  checkConfig(lossScaleArgument("config"), config);
  const { innerOptimizer, inner_optimizer: serialized = innerOptimizer, ...own } = config;
  const options = optionsFrom({ name: LOSS_SCALE_OPTIMIZER }, own, {});
  return { ...classOf(lossScaleArgument("inner_optimizer"), serialized, classes), options };
}

/** Keras' own JSON of a LossScaleOptimizer, the inner optimizer's within it. */
export function scaleConfig(optimizer: { readonly name: string }, inner: SerializedObject): KerasConfig {
  const { initialScale, growthSteps } = scaleOf(optimizer);
  return {
    name: optimizer.name,
    inner_optimizer: inner,
    initial_scale: initialScale,
    dynamic_growth_steps: growthSteps,
  };
}

const scales = new WeakMap<object, DynamicScale>();

/** The scale of a LossScaleOptimizer. */
export function scaleOf(optimizer: object): DynamicScale {
  return scales.get(optimizer) as DynamicScale; // each has one
}

/** Throws for an inner optimizer that is none of this face. */
export function badInner(argument: string, received: unknown, remedy: string): TypeError {
  return lossScaleArgument(argument).badKind("be an optimizer of this package", received, remedy);
}

/** Gives a LossScaleOptimizer its scale, and switches the inner optimizer's own one off; returns its name. */
export function holdScale(
  optimizer: object,
  innerOptimizer: { lossScaleFactor: number | null },
  options: LossScaleOptions,
): string {
  checkKnownKeys(lossScaleArgument("options"), options, OPTIONS, OLD);
  checkOld(options);
  const name = checkName(lossScaleArgument("name"), options.name ?? "loss_scale_optimizer");
  scales.set(optimizer, new DynamicScale(lossScaleArgument, options));
  innerOptimizer.lossScaleFactor = null;
  setModule(optimizer, MODULE);
  return name;
}

/** What every LossScaleOptimizer has, also one that extends another library's class. `V` are the variables of a user. */
export abstract class LossScaleMembers<I extends OptimizerMembers<object, V>, V extends object> extends Unwrapped {
  abstract readonly name: string;
  abstract readonly innerOptimizer: I;

  /** The scale now. */
  get dynamicScale(): number {
    return scaleOf(this).scale;
  }

  /** Finite steps since the scale was changed. */
  get stepCounter(): number {
    return scaleOf(this).steps;
  }

  get initialScale(): number {
    return scaleOf(this).initialScale;
  }

  get dynamicGrowthSteps(): number {
    return scaleOf(this).growthSteps;
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

  get engine(): string {
    return this.innerOptimizer.engine;
  }

  /** Replaces the variables by the inner optimizer's moving averages, if it has them. */
  finalizeVariableValues(variables?: readonly V[]): void {
    this.innerOptimizer.finalizeVariableValues(variables);
  }

  /** Runs `fn` while the variables hold the inner optimizer's moving averages, and puts their values back. */
  withAverage<T>(fn: () => T): T {
    return this.innerOptimizer.withAverage(fn);
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

/** What those have that extend no other library's. `G` are the gradients. */
export abstract class LossScaleBase<
  I extends OptimizerBase<object, V, G>,
  V extends object,
  G,
> extends LossScaleMembers<I, V> {
  /** Keras' name of the class, which configs use. */
  readonly className: string = LOSS_SCALE_OPTIMIZER;
  readonly name: string;
  readonly innerOptimizer: I;

  constructor(innerOptimizer: I, options: LossScaleOptions) {
    super();
    this.name = holdScale(this, innerOptimizer, options);
    this.innerOptimizer = innerOptimizer;
  }

  get built(): boolean {
    return this.innerOptimizer.built;
  }

  /** Makes the inner optimizer's state for these variables; the first `apply` does it, too. */
  build(variables: readonly V[]): void {
    this.innerOptimizer.build(variables);
  }

  /** Keras' own JSON, the inner optimizer's within it. */
  getConfig(): KerasConfig {
    return scaleConfig(this, serializeOptimizer(this.innerOptimizer, this.innerOptimizer.className));
  }

  /** One step with gradients of the scaled loss, or none when a gradient is not finite. */
  abstract apply(gradients: readonly G[], variables?: readonly V[]): void;

  /** As `apply`, with pairs. Returns the inner optimizer's number of updates. */
  applyGradients(pairs: Iterable<readonly [G, V]>): number {
    this.apply(...unzip(lossScaleArgument("pairs"), pairs));
    return this.iterations;
  }

  /**
   * Restores what `saveOwnVariables` stored: of an optimizer that is not built, its counters. Throws StateMismatchError, with
   * both lists, and changes nothing.
   */
  loadOwnVariables(store: Readonly<Record<string, Weight>>): void {
    restoreState(this, weightsOf(lossScaleArgument("store"), store));
  }

  /**
   * Replaces all own variables, those of the inner optimizer last, of an optimizer that is built. Throws StateMismatchError
   * and changes nothing.
   */
  setWeights(weights: readonly Weight[]): void {
    runOf(this.innerOptimizer).checkBuilt("setWeights", LOSS_SCALE_OPTIMIZER);
    restoreState(this, weights);
  }
}

/**
 * Holds the own state of a LossScaleOptimizer over an inner one: Keras' order is an iteration that stays 0, a learning rate of
 * 0, step counter and scale, then all inner variables.
 */
export function holdScaleState(optimizer: object, name: string, innerOptimizer: object): void {
  const inner = stateOf(innerOptimizer);
  const scale = scaleOf(optimizer);
  holdState(optimizer, {
    ...inner,
    owner: LOSS_SCALE_OPTIMIZER,
    list: () => {
      const own = scaleVariables(LOSS_SCALE_OPTIMIZER, name, scale);
      return [...(inner.isBuilt() ? own : own.slice(0, 2)), ...inner.list()];
    },
    keep: () => {
      const kept = { scale: scale.scale, steps: scale.steps };
      const putBack = inner.keep();
      return () => {
        Object.assign(scale, kept);
        putBack();
      };
    },
  });
}
