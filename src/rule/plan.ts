// Config and situation -> Plan: which stages are on in a step of one variable, and which arrays and scalars they touch.
import type { Rule } from "./rule.js";

/** The arrays that stages keep beside a rule's slots; no rule can have slots of these names. */
export const ACCUMULATOR = "stage/accumulator";
export const AVERAGE = "stage/average";

/** The type of numbers. */
export type DType = "float32" | "float64";

/**
 * What a step does with one variable:
 * - `update`: the gradient arrives and the variable moves;
 * - `flush`: no gradient arrives, and the variable moves by those that were gathered;
 * - `gather`: under accumulation, the gradient is only added to the accumulator;
 * - `clear`: no gradient for this variable, but its accumulator is zeroed since the others move;
 * - `rest`: no gradient; at most the average moves.
 */
export type Phase = "update" | "flush" | "gather" | "clear" | "rest";

/** How gradients are clipped: not at all, by each one's norm, by the norm of all, or by value. */
export type Clip = "none" | "norm" | "globalNorm" | "value";

/** What a kernel depends on; `norm` is asked of sums alone. */
export interface Facts {
  readonly dtype: DType;
  readonly phase: Phase;
  /** Divide the gradient by the loss scale. */
  readonly unscale: boolean;
  /** Gradients are accumulated over several calls. */
  readonly accumulate: boolean;
  readonly clip: Clip;
  /** Sum the squares of the gradient where no clip needs its norm, either. */
  readonly norm: boolean;
  /** Weight decay for this variable. */
  readonly decay: boolean;
  /** Keep a moving average of the variable. */
  readonly average: boolean;
  /** Replace the variable by its average in this step. */
  readonly overwrite: boolean;
}

/** A kernel in words: the stages that are on, the arrays it touches in order, the scalars it reads in order. */
export interface Plan extends Facts {
  readonly rule: Rule;
  readonly arrays: readonly string[];
  readonly scalars: readonly string[];
  /** The scalar that differs by variable: derived from the norm that a clip needs. */
  readonly rowScalar: "normLimit" | "globalScale" | null;
  /** Whether the squares of the gradient are summed first. */
  readonly sumsSquares: boolean;
  /** Where the gradient stands in `arrays`; -1 without one. */
  readonly gradientAt: number;
  /** Identifies the plan among those of its rule. */
  readonly key: string;
}

export function planOf(rule: Rule, facts: Facts): Plan {
  const { dtype, phase, unscale, accumulate, clip, decay, average, overwrite } = facts;
  const updates = phase === "update" || phase === "flush";
  const hasGradient = phase === "update" || phase === "gather";
  const arrays = [
    ...(updates || average ? ["variable"] : []),
    ...(hasGradient ? ["gradient"] : []),
    ...(updates ? rule.slots : []),
    ...(accumulate && phase !== "rest" ? [ACCUMULATOR] : []),
    ...(average ? [AVERAGE] : []),
  ];
  const scalars = [
    ...(updates ? ["learningRate", ...rule.scalars] : []),
    ...(unscale && hasGradient ? ["lossScale"] : []),
    ...(accumulate && updates ? ["accumulationSteps"] : []),
    ...(updates ? CLIP_SCALARS[clip] : []),
    ...(decay && updates ? ["weightDecay"] : []),
    ...(average ? ["emaMomentum", "oneMinusEmaMomentum"] : []),
  ];
  return {
    ...{ ...facts, rule, arrays, scalars },
    rowScalar: updates ? ROW_SCALARS[clip] : null,
    sumsSquares: updates && (ROW_SCALARS[clip] !== null || facts.norm),
    gradientAt: arrays.indexOf("gradient"),
    key: [dtype, phase, unscale, accumulate, clip, decay, average, overwrite].join(),
  };
}

const ROW_SCALARS = { none: null, norm: "normLimit", globalNorm: "globalScale", value: null } as const;

const CLIP_SCALARS: Readonly<Record<Clip, readonly string[]>> = {
  none: [],
  norm: ["clipnorm"],
  globalNorm: [],
  value: ["clipvalue", "minusClipvalue"],
};
