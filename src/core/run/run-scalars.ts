// The scalars of a run's steps, in each type of variable: those of every rule, and those that a definition computes for each
// update, such as a bias correction, with the numbers of the whole optimizer.
import { Argument } from "../../check/argument.js";
import type { ScalarsByType } from "../../engine/engine.js";
import type { OptimizerDefinition, Values } from "../../optimizers/definition.js";
import { numberOps } from "../../rule/numbers.js";
import type { DType } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { type ScalarValues, scalarsOf } from "../../rule/scalars.js";
import type { Config } from "../config.js";

/** The numbers of the whole optimizer, by name. */
export type OptimizerState = Readonly<Record<string, number>>;

/**
 * Puts the scalars of an update in their places, and gives the state after it. None may be missing, lest the last update's
 * number be taken, and none be anything but a number.
 */
type Refresh = (dtype: DType, scalars: ScalarValues, update: number, state: OptimizerState) => OptimizerState;

export class RunScalars {
  readonly byType: ScalarsByType;
  readonly #config: Config;
  /** Puts those in their places that a definition computes for each update. */
  readonly refreshOwn: Refresh;
  /** The one that the scalars have. */
  #lossScale: number | null = Number.NaN;

  constructor(
    definition: OptimizerDefinition,
    config: Config,
    rule: Rule,
    constants: Readonly<Record<string, number>>,
  ) {
    const scalars = (dtype: DType) => scalarsOf(dtype, config, constants, rule.scalars);
    this.byType = { float32: scalars("float32"), float64: scalars("float64") };
    this.#config = config;
    this.refreshOwn = ownScalarsOf(definition, config.hyper, rule, constants);
  }

  /** Has gradients divided by it; null for none, whose plans do not divide. */
  unscaleBy(lossScale: number | null): void {
    if (lossScale === this.#lossScale) return;
    this.#lossScale = lossScale;
    this.#set("lossScale", lossScale ?? 1);
  }

  /** Runs `act` while the mean is that of so many gradients. */
  overCount<T>(count: number, act: () => T): T {
    this.#set("accumulationSteps", count);
    try {
      return act();
    } finally {
      this.#set("accumulationSteps", this.#config.gradientAccumulationSteps ?? 0);
    }
  }

  #set(name: string, value: number): void {
    for (const values of Object.values(this.byType)) values.set(name, value);
  }
}

function ownScalarsOf(definition: OptimizerDefinition, values: Values, rule: Rule, constants: object): Refresh {
  // Those that nothing but `perStep` gives.
  const needed = new Set(rule.scalars.filter((name) => !(name in constants)));
  return (dtype, scalars, update, state) => {
    if (!definition.perStep) return state;
    const op = numberOps(dtype);
    const now = { learningRate: scalars.get("learningRate"), update: op.constant(update), state };
    const moved = definition.perStep(op, values, now);
    for (const name of rule.scalars) {
      const value = moved.scalars[name];
      if (typeof value === "number") scalars.set(name, value);
      else if (value !== undefined || needed.has(name))
        throw badScalar(new Argument(definition.className, name), value);
    }
    return moved.state ?? state;
  };
}

/** The error for a scalar that the rule needs and does not get. */
export function badScalar(argument: Argument, received: unknown): TypeError {
  return argument.badKind("be a number, as a scalar of the rule", received, "Return it from constants or perStep.");
}
