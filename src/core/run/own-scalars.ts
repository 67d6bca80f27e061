// The scalars that a definition computes for each update, such as a bias correction, and the numbers of the whole optimizer.
import type { OptimizerDefinition, Values } from "../../optimizers/definition.js";
import { numberOps } from "../../rule/numbers.js";
import type { DType } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import type { ScalarValues } from "../../rule/scalars.js";
import { badScalar } from "./check-rule.js";

/** The numbers of the whole optimizer, by name. */
export type OptimizerState = Readonly<Record<string, number>>;

export class OwnScalars {
  readonly #definition: OptimizerDefinition;
  readonly #values: Values;
  readonly #names: readonly string[];
  /** Those that nothing but `perStep` gives. */
  readonly #needed: ReadonlySet<string>;

  constructor(definition: OptimizerDefinition, values: Values, { scalars }: Rule) {
    this.#definition = definition;
    this.#values = values;
    this.#names = scalars;
    const constants = definition.constants?.(values) ?? {};
    this.#needed = new Set(scalars.filter((name) => !(name in constants)));
  }

  /**
   * Puts the scalars of an update in their places, and gives the state after it. None may be missing, lest the last update's
   * number be taken, and none be anything but a number.
   */
  refresh(dtype: DType, scalars: ScalarValues, update: number, state: OptimizerState): OptimizerState {
    if (!this.#definition.perStep) return state;
    const op = numberOps(dtype);
    const now = { learningRate: scalars.get("learningRate"), update: op.constant(update), state };
    const moved = this.#definition.perStep(op, this.#values, now);
    for (const name of this.#names) {
      const value = moved.scalars[name];
      if (typeof value === "number") scalars.set(name, value);
      else if (value !== undefined || this.#needed.has(name)) throw badScalar(this.#definition.className, name, value);
    }
    return moved.state ?? state;
  }
}
