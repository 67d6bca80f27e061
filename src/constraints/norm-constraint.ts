// What the constraints of norms share: all but their options, which stand in a table.
import {
  type ArgumentTable,
  checkOptions,
  configByTable,
  optionsByTable,
  type TableStatics,
} from "../check/argument-table.js";
import type { NormConstraintData } from "../rule/constraint-formula.js";
import { type Axis, mapByNorm, reducedAxes } from "./axis-norm.js";
import { Constraint, type ConstraintConfig } from "./constraint.js";

/** The numbers that the kinds of these constraints have. */
type NormFields = Readonly<Record<"minValue" | "maxValue" | "rate", number>>;

/** A constraint of norms; its options are its fields. */
class NormConstraint extends Constraint {
  declare readonly axis: Axis;
  override readonly mayThrow: boolean = this.call !== NormConstraint.prototype.call;
  readonly #kind: NormConstraintData["kind"];
  readonly #table: ArgumentTable<object>;

  constructor(kind: NormConstraintData["kind"], table: ArgumentTable<object>, options: object) {
    super();
    this.#kind = kind;
    this.#table = table;
    Object.assign(this, checkOptions(kind, table, options));
  }

  override call(value: Float32Array | Float64Array, shape: readonly number[]): Float32Array | Float64Array {
    return mapByNorm(this.#kind, value, { shape, axis: this.axis }, dataOf(this.#kind, this));
  }

  override checkShape(shape: readonly number[]): void {
    reducedAxes(this.#kind, this.axis, shape);
  }

  override getConfig(): ConstraintConfig {
    return configByTable<object>(this.#table, this);
  }
}

function dataOf(kind: NormConstraintData["kind"], constraint: NormConstraint): NormConstraintData {
  return { ...(constraint as NormConstraint & NormFields), kind }; // its table gave it the fields of its kind
}

/** A class of such constraints. */
export interface NormConstraintClass<Options extends object> extends TableStatics<Options> {
  /** `TypeError` for a wrong kind or an unknown key, `RangeError` for a value out of range. */
  new (options?: Options): NormConstraint & Readonly<Required<Options>>;
}

/** The class of the constraints with these options, whose errors go by `kind`. */
export function constraintWith<Options extends object>(
  kind: NormConstraintData["kind"],
  table: ArgumentTable<NoInfer<Options>>,
): NormConstraintClass<Options> {
  class ConstraintOfTable extends NormConstraint {
    constructor(options: object = {}) {
      super(kind, table, options);
    }

    static override fromConfig<T>(this: new (options: Options) => T, config: object): T {
      return new this(optionsByTable(kind, table, config));
    }
  }
  return ConstraintOfTable as NormConstraintClass<Options>; // the table gave it its fields
}
