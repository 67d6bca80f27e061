// A schedule whose formula is written once: it runs on numbers here, and on the arrays of a face elsewhere.
import { checkNumber } from "../check/arguments.js";
import { classNameOf } from "../check/names.js";
import { numberOps } from "../rule/numbers.js";
import type { ScalarOps } from "../rule/ops.js";
import { LearningRateSchedule } from "./schedule.js";

const FLOAT32 = /* @__PURE__ */ numberOps("float32");

/** A schedule with a formula. */
export abstract class FormulaSchedule extends LearningRateSchedule {
  /**
   * The learning rate at `step`, the counter rounded to float32. `isAtMost` gives a mask for `select`: whether the counter
   * itself is at most a limit. Branches may look only at the schedule's own options.
   */
  abstract formula<V>(op: ScalarOps<V>, step: V, isAtMost: (limit: number) => V): V;

  override call(step: number): number {
    checkNumber(classNameOf(this.constructor), "step", step);
    return this.formula(FLOAT32, Math.fround(step), (limit) => Number(step <= limit));
  }

  /** Whether `call` is the formula, and not one of a class derived from this. */
  get followsFormula(): boolean {
    return this.call === FormulaSchedule.prototype.call;
  }
}
