// PiecewiseConstantDecay: one learning rate up to each boundary, and one after the last.
import type { Argument, NumberRule } from "../check/argument.js";
import type { EarlierOptions } from "../check/option-table.js";
import type { ScalarOps } from "../rule/ops.js";
import { type FormulaClass, scheduleWith } from "./formula.js";

/** The options of `PiecewiseConstantDecay`. */
export interface PiecewiseConstantDecayOptions {
  /** Steps, 0 or more, each greater than the one before; at least one. */
  readonly boundaries: readonly number[];
  /** Learning rates, one more than boundaries. `values[i]` holds up to and with step `boundaries[i]`. */
  readonly values: readonly number[];
  /** "PiecewiseConstant" by default. */
  readonly name?: string | undefined;
}

const Base: FormulaClass<PiecewiseConstantDecayOptions> = /* @__PURE__ */ scheduleWith("PiecewiseConstantDecay", {
  boundaries: { check: checkBoundaries, min: 0 },
  values: { check: checkValues },
  name: { default: "PiecewiseConstant" },
});

/**
 * `values[0]` while `step <= boundaries[0]`, `values[1]` while `step <= boundaries[1]`, ..., the last value after the
 * last boundary; float32. Boundaries that do not ascend are refused: Keras takes them and adds up values. None at all
 * are refused too: Keras fails at the first step.
 * Source: `keras.optimizers.schedules.PiecewiseConstantDecay`.
 */
export class PiecewiseConstantDecay extends Base {
  override formula<V>(op: ScalarOps<V>, _step: V, isAtMost: (limit: number) => V): V {
    const values = this.values.map((value) => op.constant(value + 0)); // Keras adds zeros: -0 becomes 0.
    const last = values.pop() as V; // There is one more than boundaries.
    return values.reduceRight<V>((later, value, i) => op.select(isAtMost(this.boundaries[i] ?? 0), value, later), last);
  }
}

function checkBoundaries(argument: Argument, value: unknown, rule: NumberRule): readonly number[] {
  const boundaries = argument.numbers(value, rule);
  if (boundaries.length === 0) {
    throw argument.badValue("not be empty", value, "Pass the number itself as learningRate if it never changes.");
  }
  for (const [i, boundary] of boundaries.entries()) {
    const before = boundaries[i - 1] ?? -1;
    if (boundary > before) continue;
    const remedy = "Sort the boundaries and drop repeated ones.";
    throw argument.at(i).badValue(`be greater than boundaries[${i - 1}]=${before}`, boundary, remedy);
  }
  return boundaries;
}

function checkValues(
  argument: Argument,
  value: unknown,
  rule: NumberRule,
  { boundaries }: EarlierOptions,
): readonly number[] {
  const values = argument.numbers(value, rule);
  const count = (boundaries as readonly number[]).length + 1; // checked before
  if (values.length === count) return values;
  const remedy = "Give a value for each boundary and one for all later steps.";
  throw argument.badValue(`be ${count} numbers, one more than boundaries`, value, remedy);
}
