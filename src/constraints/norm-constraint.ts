// What the constraints of norms share: all but their options, which stand in a table.
import { argumentsOf } from "../check/argument.js";
import {
  type OptionRule,
  type OptionRules,
  OptionTable,
  type Resolved,
  type TableStatics,
} from "../check/option-table.js";
import type { NormConstraintData } from "../rule/constraint-formula.js";
import { type Axis, mapByNorm, reducedAxes } from "./axis-norm.js";
import { Constraint, type ConstraintConfig } from "./constraint.js";

/** A constraint that is no longer abstract. */
interface NormConstraint extends Constraint {
  call(value: Float32Array | Float64Array, shape: readonly number[]): Float32Array | Float64Array;
}

/** A class of such constraints; their options are fields of its objects. */
export interface NormConstraintClass<Options extends object> extends TableStatics<Options> {
  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  new (options?: Options): NormConstraint & Resolved<Options>;
}

/** The class of the constraints with these options, whose errors go by `kind`. */
export function constraintWith<Options extends object>(
  kind: NormConstraintData["kind"],
  rules: OptionRules<NoInfer<Options>>,
): NormConstraintClass<Options> {
  const [argument, table] = [argumentsOf(kind), new OptionTable(kind, rules as Readonly<Record<string, OptionRule>>)];
  class ConstraintOfTable extends Constraint {
    static override readonly className: string = kind;
    declare readonly axis: Axis;
    override readonly mayThrow: boolean = this.call !== ConstraintOfTable.prototype.call;

    constructor(options: object = {}) {
      super();
      Object.assign(this, table.fieldsOf(options));
    }

    override call(value: Float32Array | Float64Array, shape: readonly number[]): Float32Array | Float64Array {
      const data = { ...(this as object), kind } as NormConstraintData; // the table gave it the fields of its kind
      return mapByNorm(argument, value, { shape, axis: this.axis }, data);
    }

    override checkShape(shape: readonly number[]): void {
      reducedAxes(argument("axis"), this.axis, shape);
    }

    override getConfig(): ConstraintConfig {
      return table.configOf(this);
    }

    static override fromConfig<T>(this: new (options: Options) => T, config: object): T {
      return new this(table.optionsOf(config));
    }
  }
  return ConstraintOfTable as object as NormConstraintClass<Options>; // the table gave it its fields
}
