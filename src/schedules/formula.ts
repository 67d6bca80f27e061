// A schedule that is its options and a formula, written once: it runs on numbers here, and on the arrays of a face elsewhere.

import { Argument } from "../check/argument.js";
import { classNameOf } from "../check/names.js";
import {
  type OptionRule,
  type OptionRules,
  OptionTable,
  type Resolved,
  type TableStatics,
} from "../check/option-table.js";
import { numberOps } from "../rule/numbers.js";
import type { ScalarOps } from "../rule/ops.js";
import { LearningRateSchedule, type ScheduleConfig } from "./schedule.js";

/** A schedule with a formula. */
export abstract class FormulaSchedule extends LearningRateSchedule {
  /**
   * The learning rate at `step`, the counter rounded to float32. `isAtMost` gives a mask for `select`: whether the counter
   * itself is at most a limit. Branches may look only at the schedule's own options. For faces, which compute it on arrays
   * of their own. @internal
   */
  abstract formula<V>(op: ScalarOps<V>, step: V, isAtMost: (limit: number) => V): V;

  override call(step: number): number {
    new Argument(classNameOf(this.constructor), "step").number(step);
    return this.formula(numberOps("float32"), Math.fround(step), (limit) => Number(step <= limit));
  }

  /** Whether `call` is the formula, and not one of a class derived from this. */
  get followsFormula(): boolean {
    return this.call === FormulaSchedule.prototype.call;
  }
}

/** A class that lacks nothing but its formula; its options are fields of its objects. */
export interface FormulaClass<Options extends object> extends TableStatics<Options> {
  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  new (options: Options): FormulaSchedule & Resolved<Omit<Options, "name">>;
}

interface Named {
  readonly name?: string | undefined;
}

/** The class of the schedules with these options. Errors go by `owner`. */
export function scheduleWith<Options extends Named>(
  owner: string,
  rules: OptionRules<NoInfer<Options>>,
): FormulaClass<Options> {
  const table = new OptionTable(owner, rules as Readonly<Record<string, OptionRule>>);
  abstract class ScheduleOfTable extends FormulaSchedule {
    static override readonly className: string = owner;

    constructor(options: Options) {
      const fields = table.fieldsOf(options);
      super(fields.name as string); // its rule says so
      Object.assign(this, fields);
    }

    override getConfig(): ScheduleConfig {
      return table.configOf(this);
    }

    static override fromConfig<T>(this: new (options: Options) => T, config: object): T {
      return new this(table.optionsOf(config));
    }
  }
  return ScheduleOfTable as FormulaClass<Options>; // the table gave it its fields
}
