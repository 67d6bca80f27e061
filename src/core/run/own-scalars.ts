// The scalars that a definition computes for each step, such as a bias correction.

import type { Hyper, OptimizerDefinition } from "../../optimizers/definition.js";
import type { DType } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { ROUND, type ScalarValues } from "../../rule/scalars.js";
import { badScalar } from "./check-rule.js";

export class OwnScalars {
  readonly #definition: OptimizerDefinition<Hyper>;
  readonly #hyper: Hyper;
  readonly #names: readonly string[];
  /** Those that nothing but `perStep` gives. */
  readonly #needed: ReadonlySet<string>;

  constructor(definition: OptimizerDefinition<Hyper>, hyper: Hyper, { scalars }: Rule) {
    this.#definition = definition;
    this.#hyper = hyper;
    this.#names = scalars;
    const constants = definition.constants(hyper, ROUND.float32);
    this.#needed = new Set(scalars.filter((name) => !(name in constants)));
  }

  /** None may be missing, lest the last step's number be taken, and none be anything but a number. */
  refresh(dtype: DType, values: ScalarValues, iterations: number): void {
    if (!this.#definition.perStep) return;
    const step = { learningRate: values.get("learningRate"), iterations };
    const given = this.#definition.perStep(this.#hyper, step, ROUND[dtype]);
    for (const name of this.#names) {
      const value = given[name];
      if (typeof value === "number") values.set(name, value);
      else if (value !== undefined || this.#needed.has(name)) throw badScalar(this.#definition.className, name, value);
    }
  }
}
