// The steps of several optimizers as one: their rows, each with the scalars of its part.
import { isSame } from "../../check/lists.js";
import type { Engine, Row, ScalarsByType, Step } from "../../engine/engine.js";
import { isOverwriting } from "../../rule/overwrite.js";
import { type Plan, planOf } from "../../rule/plan.js";
import type { Call } from "../run/call.js";
import type { GradientNorms } from "../run/gradient-norms.js";
import type { Target } from "../run/target.js";
import { JointSquares, type SumsWanted } from "./joint-squares.js";

/** The step of some parts, kept from call to call. */
interface JointStep<A> extends Step<A> {
  readonly parts: readonly Step<A>[];
  /** The rows of each part's step, of which its own are made. */
  sources: readonly (readonly Row<A>[])[];
  rows: readonly Row<A>[];
  squares: JointSquares | null;
}

/** What is done over the gradients of all parts. */
interface Together {
  /** One norm for all; null for none. */
  readonly clip: number | null;
  /** Norms are asked for without a clip, too. */
  readonly norm: boolean;
}

/** The places of variables in a call. */
type Places<A> = (row: Row<A>) => number;

/** Kinds of calls whose steps are kept. */
const MOST_STEPS = 32;

export class JointSteps<A> {
  readonly #engine: Engine<A, never>;
  /** Takes the sums of all; null where none are wanted. */
  readonly #norms: GradientNorms | null;
  readonly #together: Together;
  #steps: JointStep<A>[] = [];
  readonly #rows = new WeakMap<Row<A>, Row<A>>();
  readonly #plans = new WeakMap<Plan, Plan>();

  constructor(engine: Engine<A, never>, norms: GradientNorms | null, together: Together) {
    this.#engine = engine;
    this.#norms = norms;
    this.#together = together;
  }

  /** The steps of some parts as one. The indices of the call are places in `targets`. */
  of(parts: readonly Step<A>[], call: Call<A>, targets: readonly Target<A>[]): Step<A> {
    const step = this.#stepOf(parts);
    const sources = parts.map(({ rows }) => rows);
    if (isSame(step.sources, sources)) return step;
    this.#fill(step, placesIn(call, targets));
    step.sources = sources;
    return step;
  }

  /** Whoever trains what has changed. */
  forget(): void {
    for (const step of this.#steps.splice(0)) this.#engine.release?.(step);
  }

  #stepOf(parts: readonly Step<A>[]): JointStep<A> {
    const known = this.#steps.find((step) => isSame(step.parts, parts));
    if (known !== undefined) return known;
    const scalars = parts[0]?.scalars as ScalarsByType; // there is a variable at least
    const made: JointStep<A> = { parts: parts.slice(), sources: [], rows: [], squares: null, scalars };
    for (const old of this.#steps.splice(MOST_STEPS - 1)) this.#engine.release?.(old);
    this.#steps = [made, ...this.#steps];
    return made;
  }

  /** Rows that sum squares come first; those that share the norm of all in the order of the call, in which sums are added. */
  #fill(step: JointStep<A>, placeIn: Places<A>): void {
    const own = step.parts.map(({ rows, scalars }) => rows.map((row) => this.#rowOf(row, scalars)));
    const all = own.flat();
    const summing = all.filter(({ plan }) => plan.sumsSquares);
    const inOrder = summing.slice().sort((a, b) => placeIn(a) - placeIn(b));
    const others = all.filter(({ plan }) => !plan.sumsSquares);
    step.rows = [...(this.#together.clip === null ? summing : inOrder), ...others];
    const places = new Map(step.rows.map((row, place) => [row, place]));
    const placesOf = (rows: readonly Row<A>[]): number[] =>
      rows.flatMap((row) => (row.plan.sumsSquares ? (places.get(row) ?? []) : []));
    const wanted: SumsWanted[] = step.parts.flatMap(({ squares }, i) =>
      squares ? { sink: squares, at: placesOf(own[i] ?? []) } : [],
    );
    if (this.#norms !== null) wanted.push({ sink: this.#norms, at: placesOf(inOrder) });
    step.squares = wanted.length === 0 ? null : new JointSquares(wanted);
  }

  /** A part's row as one of several parts': the same as long as that is. Gradients are filled into both at once. */
  #rowOf(row: Row<A>, scalars: ScalarsByType): Row<A> {
    const known = this.#rows.get(row);
    if (known !== undefined) return known;
    const norm = this.#together.clip === null ? scalars : this;
    const made = { plan: this.#planOf(row.plan, scalars), arrays: row.arrays, scalars, norm };
    this.#rows.set(row, made);
    return made;
  }

  /** The plan of a part as it is, or with what is done over all. Equal plans stay the same object. */
  #planOf(plan: Plan, scalars: ScalarsByType): Plan {
    const moves = plan.phase === "update" || plan.phase === "flush";
    if (this.#norms === null || !moves || isOverwriting(plan.rule)) return plan;
    const known = this.#plans.get(plan);
    if (known !== undefined) return known;
    const { clip, norm } = this.#together;
    const made = planOf(plan.rule, { ...plan, norm, clip: clip === null ? plan.clip : "globalNorm" });
    this.#plans.set(plan, made);
    if (clip === null) return made;
    for (const values of Object.values(scalars)) {
      values.set("globalClipnorm", clip);
      values.set("inverseGlobalClipnorm", 1 / clip);
    }
    return made;
  }
}

function placesIn<A>({ indices }: Call<A>, targets: readonly Target<A>[]): Places<A> {
  const places = new Map(indices.map((index, place) => [targets[index]?.array, place]));
  return ({ plan, arrays }) => places.get(arrays[plan.arrays.indexOf("variable")]) ?? 0;
}
