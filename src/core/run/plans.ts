// Which plan a variable has in a situation. Equal plans are the same object.
import { type Overwriting, overwritingRule } from "../../rule/overwrite.js";
import { type DType, type Facts, type Phase, type Plan, planOf } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { type Config, clipOf } from "../config.js";

/** What a plan depends on besides the options. */
export interface Situation {
  readonly phase: Phase;
  /** Averages replace variables in this step. */
  readonly overwrite: boolean;
  /** Gradients are divided by a loss scale. */
  readonly unscale: boolean;
}

/** A variable as far as its plan goes. */
interface Planned {
  readonly dtype: DType;
  readonly decays: boolean;
  readonly overwriteWithGradient: boolean;
}

export class Plans {
  readonly #rule: Rule;
  readonly #own: Pick<Facts, "accumulate" | "average" | "clip" | "norm">;
  readonly #made: Plan[] = [];

  constructor(rule: Rule, config: Config) {
    const accumulate = (config.gradientAccumulationSteps || 1) > 1;
    this.#rule = rule;
    this.#own = { accumulate, average: config.useEma, clip: clipOf(config), norm: config.trackNorm };
  }

  /** Whether an update sums the squares of gradients. */
  get sumSquares(): boolean {
    const { clip, norm } = this.#own;
    return norm || clip === "norm" || clip === "globalNorm";
  }

  of({ dtype, decays, overwriteWithGradient }: Planned, situation: Situation): Plan {
    if (overwriteWithGradient) return this.#overwriting(dtype, situation.phase);
    return this.#known(this.#rule, { dtype, decay: decays, ...situation, ...this.#own });
  }

  /** Of a variable that takes its gradient as the new value: nothing else is done to it. */
  #overwriting(dtype: DType, phase: Phase): Plan {
    const { accumulate } = this.#own;
    const off = { unscale: false, clip: "none", norm: false, decay: false, average: false, overwrite: false } as const;
    if (phase === "clear" || phase === "rest") return this.#known(this.#rule, { dtype, phase, accumulate, ...off });
    const what = accumulate ? ACCUMULATED[phase] : "take";
    const facts: Facts = { dtype, phase: phase === "flush" ? phase : "update", accumulate: false, ...off };
    return this.#known(overwritingRule(this.#rule, what), facts);
  }

  #known(rule: Rule, facts: Facts): Plan {
    const made = planOf(rule, facts);
    const known = this.#made.find((plan) => plan.rule === rule && plan.key === made.key);
    if (known === undefined) this.#made.push(made);
    return known ?? made;
  }
}

/** What becomes of such a gradient under accumulation. */
const ACCUMULATED: Readonly<Record<"update" | "gather" | "flush", Overwriting>> = {
  update: "takeLargest",
  gather: "gatherLargest",
  flush: "takeGathered",
};
