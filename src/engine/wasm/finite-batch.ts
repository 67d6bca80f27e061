// The gradients of a finite check as rows, which stay the same as long as the gradients do.
import { type DType, type Plan, planOf } from "../../rule/plan.js";
import type { Batch, Row } from "../engine.js";

export class FiniteBatch<A> implements Batch<A> {
  readonly rows: Row<A>[] = [];
  version = 0;
  readonly #dtypeOf: (array: A) => DType;
  readonly #gradients: (A | null)[] = [];

  constructor(dtypeOf: (array: A) => DType) {
    this.#dtypeOf = dtypeOf;
  }

  /** Takes gradients; those of before are not looked at again. */
  take(gradients: readonly (A | null)[]): this {
    let same = this.version > 0 && gradients.length === this.#gradients.length;
    for (let i = 0; same && i < gradients.length; i++) same = gradients[i] === this.#gradients[i];
    return same ? this : this.retake(gradients);
  }

  /** Takes gradients that may lie elsewhere than before, though they are the same objects. */
  retake(gradients: readonly (A | null)[]): this {
    this.rows.length = 0;
    for (const array of gradients) {
      if (array !== null) this.rows.push({ plan: GRADIENT_ONLY[this.#dtypeOf(array)], arrays: [array, array] });
    }
    this.#gradients.splice(0, this.#gradients.length, ...gradients);
    this.version++;
    return this;
  }
}

/** Plans of a gradient alone: for the finite check, and as the smallest kernel there is. */
export const GRADIENT_ONLY: Readonly<Record<DType, Plan>> = {
  float32: gradientOnly("float32"),
  float64: gradientOnly("float64"),
};

function gradientOnly(dtype: DType): Plan {
  const off = { unscale: false, accumulate: false, decay: false, average: false, overwrite: false };
  const rule = { slots: [], scalars: [], update: () => ({}) };
  return planOf(rule, { dtype, phase: "update", clip: "none", ...off });
}
