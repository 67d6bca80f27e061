// The scalars of a run's steps, in each type of variable.
import type { ScalarsByType } from "../../engine/engine.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import type { DType } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { scalarsOf } from "../../rule/scalars.js";
import type { Config } from "../config.js";
import { ownScalarsOf, type Refresh } from "./own-scalars.js";

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
