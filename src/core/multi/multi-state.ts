// core/multi/: several optimizers as one, on every face that has them.
//
// The state of an optimizer of several others: their states are its own, their steps are one step. Which of them trains a
// variable, a face says.
import { Verbatim } from "../../check/argument.js";
import { StateError } from "../../check/errors.js";
import { isSame } from "../../check/lists.js";
import type { Engine, Row, ScalarsByType, Step } from "../../engine/engine.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import { isOverwriting } from "../../rule/overwrite.js";
import { type Plan, planOf } from "../../rule/plan.js";
import { type Config, clipOf } from "../config.js";
import type { Call } from "../run/call.js";
import type { AnyRun, Run } from "../run/run.js";
import { RunState } from "../run/run-state.js";
import type { SlotOf, Target } from "../run/target.js";
import { keepArrays } from "../run/undo.js";

/** The run of a part. */
export type PartRun<A> = Run<object, unknown, A, Engine<A, never>, unknown>;

/** How variables find the optimizer that trains them. */
export interface Choice<A> {
  /** The run of the optimizer for a variable. It may be code of the user's, and whatever that gives is checked. */
  runFor(target: Target<A>): PartRun<A>;
  /** Told once, when the first variables have come. */
  looked(targets: readonly Target<A>[]): void;
  /** Whether variables may come at any time, so that an average is worth nothing before the first step. */
  readonly isOpen: boolean;
}

/** What a call asks of one part. */
interface Share<A> {
  readonly run: PartRun<A>;
  readonly call: Call<A>;
}

/** The step of some parts, kept from call to call. */
interface JointStep<A> extends Step<A> {
  readonly steps: readonly Step<A>[];
  /** The rows of each part's step, of which its own are made. */
  sources: readonly (readonly Row<A>[])[];
  rows: readonly Row<A>[];
}

/** Kinds of calls whose steps are kept. */
const MOST_STEPS = 32;

const isMultiState = (state: unknown): state is MultiState<unknown> => state instanceof MultiState;

/** Whether a run is that of several optimizers. */
export const isMultiRun = (run: AnyRun): boolean => isMultiState(run.state);

export class MultiState<A> extends RunState<A> {
  /** The runs of the parts, in their order. */
  readonly runs: PartRun<A>[] = [];
  readonly #choice: Choice<A>;
  /** One norm over all gradients; null for none. */
  readonly #clip: number | null;
  readonly #excluding = new WeakSet<PartRun<A>>();
  #targets: readonly Target<A>[] = [];
  #places: ReadonlyMap<object, number> = new Map();
  #runOf: ReadonlyMap<object, PartRun<A>> = new Map();
  /** The shares of the last call, and what of the parts they depend on. */
  #split: { readonly call: Call<A>; readonly shares: readonly Share<A>[]; readonly of: readonly unknown[] } | null =
    null;
  #shares: readonly Share<A>[] = [];
  #asked: { readonly variables: readonly object[] | undefined; readonly runs: readonly PartRun<A>[] } | null = null;
  #steps: JointStep<A>[] = [];
  readonly #rows = new WeakMap<Row<A>, Row<A>>();
  readonly #plans = new WeakMap<Plan, Plan>();

  constructor(definition: OptimizerDefinition, config: Config, engine: Engine<A, never>, choice: Choice<A>) {
    super(definition, config, engine);
    this.#choice = choice;
    this.#clip = clipOf(config) === "globalNorm" ? config.globalClipnorm : null;
  }

  /** The run of the part for a variable that has none yet. */
  runFor(target: Target<A>): PartRun<A> {
    return this.#choice.runFor(target);
  }

  override get targets(): readonly Target<A>[] {
    return this.#targets;
  }

  override indexOf(key: object): number {
    return this.#places.get(key) ?? -1;
  }

  /** Makes them parts, whose loss scale is this one's from now on. Throws under a clip of all where one has its own. */
  join(runs: Iterable<PartRun<A>>): void {
    const fresh = [...new Set(runs)].filter((run) => !this.runs.includes(run));
    for (const { config, className } of this.#clip === null ? [] : fresh) {
      if (clipOf(config) === "none") continue;
      const remedy = `Leave out its clip, or globalClipnorm=${this.#clip}: gradients are clipped once.`;
      const received = new Verbatim(`${className} with a clip of its own`);
      throw this.argument("optimizers").badValue("not clip by themselves under globalClipnorm", received, remedy);
    }
    for (const run of fresh) run.state.lossScaleFactor = this.lossScaleFactor;
    this.runs.push(...fresh);
  }

  /** Sets the loss scale of all parts. */
  scaleAll(factor: number | null): void {
    this.lossScaleFactor = factor;
    for (const { state } of this.runs) state.lossScaleFactor = factor;
  }

  override add(targets: readonly Target<A>[], decays: (target: Target<A>) => boolean): () => void {
    const before = this.#targets;
    const [runs, runOf] = [this.runs.slice(), this.#runOf];
    let scales: readonly (number | null)[] = [];
    const leaves: (() => void)[] = [];
    const undo = (): void => {
      for (const leave of leaves.reverse()) leave();
      for (const [i, run] of this.runs.splice(runs.length).entries()) run.state.lossScaleFactor = scales[i] ?? null;
      this.#take(before, runOf);
    };
    try {
      const chosen = targets.map((target) => [target.key, this.#choice.runFor(target)] as const);
      const needed = new Set(chosen.map(([, run]) => run));
      scales = [...needed].flatMap((run) => (runs.includes(run) ? [] : run.state.lossScaleFactor));
      this.join(needed);
      for (const run of needed) {
        const keys = chosen.flatMap(([key, own]) => (own === run ? key : []));
        leaves.push(this.#admit(run, keys, decays));
      }
      this.#take([...before, ...targets], new Map([...runOf, ...chosen]));
    } catch (error) {
      undo();
      throw error;
    }
    if (before.length === 0) this.#choice.looked(targets);
    return undo;
  }

  override remove(keys: Iterable<object>): void {
    const gone = new Set(keys);
    for (const { state } of this.runs) state.remove(gone);
    const stays = ({ key }: Pick<Target<A>, "key">): boolean => !gone.has(key);
    this.#take(this.#targets.filter(stays), new Map([...this.#runOf].filter(([key]) => stays({ key }))));
  }

  override slots(): SlotOf<A>[] {
    return this.runs.flatMap(({ state }) => state.slots());
  }

  override holds(slot: SlotOf<A>): boolean {
    return this.#runOf.get(slot.target.key)?.state.holds(slot) ?? false;
  }

  override averageOf(index: number): A | null {
    const key = this.#targets[index]?.key;
    const state = key && this.#runOf.get(key)?.state;
    if (!key || !state || (this.#choice.isOpen && state.calls === 0)) return null;
    return state.averageOf(state.indexOf(key));
  }

  /** Asks the parts that train these variables, or all that train any. */
  override ask(variables?: readonly object[]): boolean {
    if (this.#asked === null || this.#asked.variables !== variables) {
      const keys = variables ?? [...this.#runOf.keys()];
      this.#asked = { variables, runs: [...new Set(keys.flatMap((key) => this.#runOf.get(key) ?? []))] };
    }
    let hasRun = false;
    for (const { state, className, config } of this.#asked.runs) {
      if (state.lossScaleFactor !== this.lossScaleFactor) {
        const facts = `lossScaleFactor of its part ${config.name} was set to ${state.lossScaleFactor}, its own is ${this.lossScaleFactor}`;
        throw new StateError(this.className, `${facts}. Set it here, not on the ${className}: all parts get it.`);
      }
      hasRun = state.ask() || hasRun;
    }
    return hasRun;
  }

  /** The steps of the parts as one: their rows, each with the scalars of its part. Those that share a norm come first. */
  override prepare(call: Call<A>, lossScale: number | null): Step<A> {
    this.#shares = this.#sharesOf(call);
    const steps = this.#shares.map((share) => share.run.state.prepare(share.call, lossScale));
    const step = this.#stepOf(steps);
    const sources = steps.map(({ rows }) => rows);
    if (isSame(step.sources, sources)) return step;
    const rows = steps.flatMap(({ rows, scalars }) => rows.map((row) => this.#rowOf(row, scalars)));
    step.rows = this.#clip === null ? rows : this.#inOrder(call, rows);
    step.sources = sources;
    return step;
  }

  override commit(): void {
    super.commit();
    for (const { run } of this.#shares) run.state.commit();
  }

  override showAverages(): () => void {
    return forAll(this.runs, ({ state }) => state.showAverages());
  }

  override keepValues(): () => void {
    return keepArrays(this.engine, this.#targets);
  }

  override keepState(): () => void {
    const { calls } = this;
    const putPartsBack = forAll(this.runs, ({ state }) => state.keepState());
    return () => {
      this.calls = calls;
      putPartsBack();
    };
  }

  override dispose(): void {
    for (const run of this.runs) run.dispose();
    this.#take([], new Map());
  }

  #take(targets: readonly Target<A>[], runOf: ReadonlyMap<object, PartRun<A>>): void {
    this.#targets = targets;
    this.#places = new Map(targets.map(({ key }, place) => [key, place]));
    this.#runOf = runOf;
    this.#split = this.#asked = null;
    for (const step of this.#steps.splice(0)) this.engine.release?.(step);
  }

  #admit(run: PartRun<A>, keys: readonly object[], decays: (target: Target<A>) => boolean): () => void {
    if (!this.#excluding.has(run)) {
      this.#excluding.add(run);
      run.excludeAlso((name, key) => decays({ name, key } as Target<A>)); // it looks at nothing else
    }
    const leave = run.admit(keys);
    const stranger = keys.find((key) => run.state.indexOf(key) < 0);
    if (stranger === undefined) return leave;
    const problem = `its part ${run.config.name} was built with other variables`;
    throw new StateError(this.className, `${problem}. Make a new ${run.className} for it, and use that nowhere else.`);
  }

  /** The call as its parts see it: variables by their places there, gradients in the order given. */
  #sharesOf(call: Call<A>): readonly Share<A>[] {
    const of = this.runs.map(({ state }) => state.targets); // of which places are kept, and may be others
    if (this.#split?.call === call && isSame(this.#split.of, of)) return this.#split.shares;
    const parts = new Map<PartRun<A>, { indices: number[]; gradients: (A | null)[] }>();
    for (const [i, index] of call.indices.entries()) {
      const key = this.#targets[index]?.key as object; // an index of the list
      const run = this.#runOf.get(key) as PartRun<A>; // each has one
      const own = parts.get(run) ?? { indices: [], gradients: [] };
      parts.set(run, own);
      own.indices.push(run.state.indexOf(key));
      own.gradients.push(call.gradients[i] ?? null);
    }
    const shares = this.runs.flatMap((run) => {
      const own = parts.get(run);
      if (own?.gradients.every((gradient) => gradient === null)) throw this.#withoutGradients(run, own.indices);
      return own === undefined ? [] : { run, call: own };
    });
    this.#split = { call, shares, of };
    return shares;
  }

  #withoutGradients({ state, config }: PartRun<A>, indices: readonly number[]): RangeError {
    const names = indices.map((index) => state.targets[index]?.name).join(", ");
    const remedy = "At least one of its variables needs one, as in Keras: check that the loss depends on them.";
    const received = new Verbatim(`none for ${names}`);
    return this.argument("gradients").badValue(`not all be null for its part ${config.name}`, received, remedy);
  }

  #stepOf(steps: readonly Step<A>[]): JointStep<A> {
    const known = this.#steps.find((step) => isSame(step.steps, steps));
    if (known !== undefined) return known;
    const scalars = steps[0]?.scalars as ScalarsByType; // there is a variable at least
    const made: JointStep<A> = { steps, sources: [], rows: [], scalars };
    for (const old of this.#steps.splice(MOST_STEPS - 1)) this.engine.release?.(old);
    this.#steps = [made, ...this.#steps];
    return made;
  }

  /** A part's row as one of several parts': the same as long as that is. Gradients are filled into both at once. */
  #rowOf(row: Row<A>, scalars: ScalarsByType): Row<A> {
    const known = this.#rows.get(row);
    if (known !== undefined) return known;
    const made = {
      plan: this.#planOf(row.plan, scalars),
      arrays: row.arrays,
      scalars,
      norm: this.#clip === null ? scalars : this,
    };
    this.#rows.set(row, made);
    return made;
  }

  /** The plan of a part as it is, or with the clip of all. Equal plans stay the same object. */
  #planOf(plan: Plan, scalars: ScalarsByType): Plan {
    if (this.#clip === null || plan.phase !== "update" || isOverwriting(plan.rule)) return plan;
    const known = this.#plans.get(plan);
    if (known !== undefined) return known;
    const made = planOf(plan.rule, { ...plan, clip: "globalNorm" });
    this.#plans.set(plan, made);
    for (const values of Object.values(scalars)) {
      values.set("globalClipnorm", this.#clip);
      values.set("inverseGlobalClipnorm", 1 / this.#clip);
    }
    return made;
  }

  /** Rows that share the norm in the order of the call, in which their sums are added; then the others. */
  #inOrder({ indices }: Call<A>, rows: readonly Row<A>[]): Row<A>[] {
    const place = new Map(indices.map((index, i) => [this.#targets[index]?.array, i]));
    const placeOf = ({ plan, arrays }: Row<A>): number => place.get(arrays[plan.arrays.indexOf("variable")] as A) ?? 0;
    const isClipped = ({ plan }: Row<A>): boolean => plan.rowScalar === "globalScale";
    const clipped = rows.filter(isClipped).sort((a, b) => placeOf(a) - placeOf(b));
    return [...clipped, ...rows.filter((row) => !isClipped(row))];
  }
}

/** Does something to each of them. The result undoes it, in reverse; so does one that throws. */
function forAll<T>(items: readonly T[], act: (item: T) => () => void): () => void {
  const undone: (() => void)[] = [];
  const undo = (): void => {
    const problems: unknown[] = [];
    for (const act of undone.splice(0).reverse()) {
      try {
        act();
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0) throw problems[0];
  };
  try {
    for (const item of items) undone.push(act(item));
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}
