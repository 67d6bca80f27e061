// PiecewiseConstantDecay: one learning rate up to each boundary, and one after the last.

import { checkKnownKeys, checkNumbers, optionsFromConfig } from "../check/arguments.js";
import { badValue } from "../check/errors.js";
import type { ScalarOps } from "../rule/ops.js";
import { FormulaSchedule } from "./formula.js";
import type { ScheduleConfig } from "./schedule.js";

/** The options of `PiecewiseConstantDecay`. */
export interface PiecewiseConstantDecayOptions {
  /** Steps, 0 or more, each greater than the one before; at least one. */
  readonly boundaries: readonly number[];
  /** Learning rates, one more than boundaries. `values[i]` holds up to and with step `boundaries[i]`. */
  readonly values: readonly number[];
  /** "PiecewiseConstant" by default. */
  readonly name?: string;
}

const OWNER = "PiecewiseConstantDecay";
const KEYS = ["boundaries", "values", "name"] as const;

/**
 * `values[0]` while `step <= boundaries[0]`, `values[1]` while `step <= boundaries[1]`, ..., the last value after the
 * last boundary; float32. Boundaries that do not ascend are refused: Keras takes them and adds up values. None at all
 * are refused too: Keras fails at the first step.
 * Source: `keras.optimizers.schedules.PiecewiseConstantDecay`.
 */
export class PiecewiseConstantDecay extends FormulaSchedule {
  static override readonly className: string = OWNER;
  readonly boundaries: readonly number[];
  readonly values: readonly number[];

  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range and for wrong lengths. */
  constructor(options: PiecewiseConstantDecayOptions) {
    checkKnownKeys(OWNER, options, KEYS);
    const { boundaries, values } = options;
    super(options.name ?? "PiecewiseConstant");
    this.boundaries = checkBoundaries(boundaries);
    this.values = checkValues(values, this.boundaries.length + 1);
  }

  /** For faces, which compute it on arrays of their own. @internal */
  override formula<V>(op: ScalarOps<V>, _step: V, isAtMost: (limit: number) => V): V {
    const values = this.values.map((value) => op.constant(value + 0)); // Keras adds zeros: -0 becomes 0.
    const last = values.pop() as V; // There is one more than boundaries.
    return values.reduceRight<V>((later, value, i) => op.select(isAtMost(this.boundaries[i] ?? 0), value, later), last);
  }

  override getConfig(): ScheduleConfig {
    return { boundaries: [...this.boundaries], values: [...this.values], name: this.name };
  }

  /** The schedule with Keras' config (snake_case). Unknown keys are refused. */
  static override fromConfig(config: object): PiecewiseConstantDecay {
    return new PiecewiseConstantDecay(optionsFromConfig<PiecewiseConstantDecayOptions>(OWNER, config, KEYS));
  }
}

function checkBoundaries(value: unknown): number[] {
  const boundaries = checkNumbers(OWNER, "boundaries", value, { min: 0 });
  if (boundaries.length === 0) {
    const remedy = "Pass the number itself as learningRate if it never changes.";
    throw badValue({ owner: OWNER, argument: "boundaries", requirement: "not be empty", received: value, remedy });
  }
  for (const [i, boundary] of boundaries.entries()) {
    const before = boundaries[i - 1] ?? -1;
    if (boundary > before) continue;
    const requirement = `be greater than boundaries[${i - 1}]=${before}`;
    const remedy = "Sort the boundaries and drop repeated ones.";
    throw badValue({ owner: OWNER, argument: `boundaries[${i}]`, requirement, received: boundary, remedy });
  }
  return boundaries;
}

function checkValues(value: unknown, count: number): number[] {
  const values = checkNumbers(OWNER, "values", value);
  if (values.length === count) return values;
  const requirement = `be ${count} numbers, one more than boundaries`;
  const remedy = "Give a value for each boundary and one for all later steps.";
  throw badValue({ owner: OWNER, argument: "values", requirement, received: value, remedy });
}
