// A schedule whose formula is written once: it runs on numbers here, and on the arrays of a face elsewhere.
import { checkNumber } from "../check/arguments.js";
import { classNameOf } from "../check/names.js";
import { FLOAT32 } from "./float32.js";
import { LearningRateSchedule } from "./schedule.js";
import type { ScheduleOps } from "./schedule-ops.js";

/** A schedule with a formula. */
export abstract class FormulaSchedule extends LearningRateSchedule {
  /** The learning rate at `step`. Branches may look only at the schedule's own options. */
  abstract formula<V>(op: ScheduleOps<V>, step: V): V;

  override call(step: number): number {
    return this.formula(FLOAT32, checkNumber(classNameOf(this.constructor), "step", step));
  }

  /** Whether `call` is the formula, and not one of a class derived from this. */
  get followsFormula(): boolean {
    return this.call === FormulaSchedule.prototype.call;
  }
}
