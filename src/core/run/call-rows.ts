// The rows of a step: what each variable's part in it is, by whether it has a gradient.
import type { Row } from "../../engine/engine.js";
import type { Phase } from "../../rule/plan.js";
import type { Call } from "./call.js";
import type { Plans } from "./plans.js";
import type { Slots } from "./slots.js";
import type { Target } from "./target.js";

/** A variable with what the run keeps for it. */
export interface Trained<A> extends Target<A> {
  readonly slots: Slots<A>;
  readonly decays: boolean;
}

/** What the step of a call does. */
interface Doing {
  /** Variables move; else gradients are gathered. */
  readonly updates: boolean;
  readonly overwrite: boolean;
  readonly unscale: boolean;
}

const PHASES: readonly Phase[] = ["update", "gather", "clear", "rest", "flush"];

export class CallRows<A> {
  readonly #plans: Plans;
  readonly #accumulates: boolean;
  #targets: readonly Trained<A>[] = [];
  /** The rows of each situation by variable. */
  readonly #rows: Row<A>[][] = [];

  constructor(plans: Plans, accumulates: boolean) {
    this.#plans = plans;
    this.#accumulates = accumulates;
  }

  replaceTargets(targets: readonly Trained<A>[]): void {
    this.#targets = targets;
    this.#rows.length = 0;
  }

  /** First the variables with a gradient in the order given, then the others. */
  ofCall({ indices, gradients }: Call<A>, { updates, overwrite, unscale }: Doing): Row<A>[] {
    const stepping: Row<A>[] = [];
    const overwriting: Row<A>[] = [];
    const seen = new Uint8Array(this.#targets.length);
    for (const [i, index] of indices.entries()) {
      const gradient = gradients[i] ?? null;
      if (gradient === null) continue;
      seen[index] = 1;
      const row = this.#rowOf(updates ? "update" : "gather", index, overwrite, unscale);
      row.arrays[row.plan.gradientAt] = gradient;
      (this.#targets[index]?.overwriteWithGradient ? overwriting : stepping).push(row);
    }
    if (stepping.length === 0 || !seen.includes(0)) return [...stepping, ...overwriting];
    const phase = updates && this.#accumulates ? "clear" : "rest";
    return [...stepping, ...overwriting, ...this.#othersOf(seen, phase, overwrite)];
  }

  /** Those of the variables that move when an accumulation is flushed, then the others. */
  ofFlush({ indices }: Call<A>, overwrite: boolean): Row<A>[] {
    const moving = indices.map((index) => this.#rowOf("flush", index, overwrite, false));
    const seen = new Uint8Array(this.#targets.length);
    for (const index of indices) seen[index] = 1;
    return [...moving, ...this.#othersOf(seen, "clear", overwrite)];
  }

  /** The rows of those that have no gradient. Without an ordinary one Keras leaves averages and accumulators alone, too. */
  #othersOf(seen: Uint8Array, phase: Phase, overwrite: boolean): Row<A>[] {
    if (!this.#targets.some(({ overwriteWithGradient }, i) => seen[i] === 1 && !overwriteWithGradient)) return [];
    const others = this.#targets.flatMap((_, index) =>
      seen[index] ? [] : this.#rowOf(phase, index, overwrite, false),
    );
    return others.filter(({ plan }) => plan.arrays.length > 0);
  }

  #rowOf(phase: Phase, index: number, overwrite: boolean, unscale: boolean): Row<A> {
    const situation = 4 * PHASES.indexOf(phase) + 2 * Number(overwrite) + Number(unscale);
    this.#rows[situation] ??= [];
    const rows = this.#rows[situation];
    rows[index] ??= this.#createRow(index, phase, overwrite, unscale);
    return rows[index];
  }

  #createRow(index: number, phase: Phase, overwrite: boolean, unscale: boolean): Row<A> {
    const target = this.#targets[index] as Trained<A>; // an index of the list
    const plan = this.#plans.of(target, { phase, overwrite, unscale });
    // The variable, and the place of the gradient, which is filled in each call, are no slots.
    return { plan, arrays: plan.arrays.map((name) => target.slots[name] ?? target.array) };
  }
}
