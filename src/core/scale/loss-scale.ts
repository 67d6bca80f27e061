// core/scale/: what LossScaleOptimizer is on every face.
//
// An optimizer over the run of another one: its members, its config and its own state. The scale itself is in
// dynamic-scale.ts; how a step is taken or left out, in the classes of the faces.

import { spelt } from "../../check/spelling.js";
import type { LearningRateLike } from "../../schedules/learning-rate-like.js";
import { BASE_OPTIONS, baseDefault } from "../config.js";
import { holdRun, runOf } from "../run/run.js";
import {
  type Configured,
  type CustomObjects,
  checkConfig,
  classOf,
  type KerasConfig,
  optionsFrom,
  serializeOptimizer,
} from "../serialization.js";
import { holdState, stateOf } from "../state/own-state.js";
import { scaleVariables } from "../state/state-variables.js";
import { DynamicScale, type DynamicScaleOptions, LOSS_SCALE_OPTIMIZER, lossScaleArgument } from "./dynamic-scale.js";

/** The options of `LossScaleOptimizer`. */
export interface LossScaleOptions extends DynamicScaleOptions {
  /** A name without `/`. Default `"loss_scale_optimizer"`. */
  readonly name?: string | undefined;
}

/** Keras' module of the class. */
const MODULE = "keras.optimizers";
const OPTIONS: readonly string[] = ["initialScale", "dynamicGrowthSteps", "name"];
/** What older configs have beside them. */
const OLD: readonly string[] = ["dynamic", ...BASE_OPTIONS];

/** Throws for an argument of older configs that says anything: as in Keras, one that has its default is passed over. */
function checkOld(options: object): void {
  for (const [option, received] of Object.entries(options)) {
    const argument = lossScaleArgument(spelt(options, option));
    if (option === "dynamic" && received !== true) {
      const remedy = `For a scale that stays, set ${spelt(options, "lossScaleFactor")} on the inner optimizer.`;
      throw argument.badKind("be true, as Keras 3 has no other", received, remedy);
    }
    if (OPTIONS.includes(option) || !BASE_OPTIONS.includes(option) || received === undefined) continue;
    if (received === baseDefault(option) && option !== "learningRate") continue;
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

/** The name and the scale of each. */
const scales = new WeakMap<object, { readonly name: string; readonly scale: DynamicScale }>();

function heldBy(optimizer: object) {
  return scales.get(optimizer) as { readonly name: string; readonly scale: DynamicScale }; // each has one
}

/** The scale of a LossScaleOptimizer. */
export const scaleOf = (optimizer: object): DynamicScale => heldBy(optimizer).scale;

/** Whether it is a LossScaleOptimizer. */
export const isLossScale = (optimizer: object): boolean => scales.has(optimizer);

/** Throws for an inner optimizer that is none of this face. */
export function badInner(argument: string, received: unknown, remedy: string): TypeError {
  return lossScaleArgument(argument).badKind("be an optimizer of this package", received, remedy);
}

/** Makes a LossScaleOptimizer of the run of the inner one, and switches that one's own scale off. */
export function holdScale(
  optimizer: object,
  innerOptimizer: { lossScaleFactor: number | null },
  options: LossScaleOptions,
): void {
  lossScaleArgument("options").keys(options, OPTIONS, OLD);
  checkOld(options);
  const name = lossScaleArgument("name").kerasName(options.name ?? "loss_scale_optimizer");
  scales.set(optimizer, { name, scale: new DynamicScale(options) });
  innerOptimizer.lossScaleFactor = null;
  holdRun(optimizer, runOf(innerOptimizer), MODULE);
}

/** An optimizer that has a learning rate. */
interface Rated {
  get learningRate(): number;
  set learningRate(source: LearningRateLike);
}

/** What a LossScaleOptimizer has for itself. All else is that of the inner optimizer, over whose run it is. */
export abstract class LossScaleMembers<I extends Configured & Rated> {
  abstract readonly innerOptimizer: I;

  get name(): string {
    return heldBy(this).name;
  }

  /** Keras' name of the class, which configs use. */
  get className(): string {
    return LOSS_SCALE_OPTIMIZER;
  }

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

  /** That of the inner optimizer. */
  get learningRate(): number {
    return this.innerOptimizer.learningRate;
  }

  set learningRate(source: LearningRateLike) {
    this.innerOptimizer.learningRate = source;
  }

  /** Null: it has a scale that changes. To set one is an error. */
  get lossScaleFactor(): number | null {
    return null;
  }

  set lossScaleFactor(factor: number | null) {
    const remedy = "Train with the inner optimizer itself for a scale that stays.";
    if (factor !== null) throw lossScaleArgument("lossScaleFactor").badKind("be null", factor, remedy);
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
}

/**
 * Holds the own state of a LossScaleOptimizer over an inner one: Keras' order is an iteration that stays 0, a learning rate of
 * 0, step counter and scale, then all inner variables.
 */
export function holdScaleState(optimizer: object, innerOptimizer: object): void {
  const inner = stateOf(innerOptimizer);
  const { name, scale } = heldBy(optimizer);
  holdState(optimizer, {
    ...inner,
    argument: lossScaleArgument,
    list: () => {
      const own = scaleVariables(name, scale);
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
