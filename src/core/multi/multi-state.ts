// core/multi/: several optimizers as one, on every face that has them.
//
// The state of an optimizer of several others: their states are its own, their steps are one step. Which of them trains a
// variable, a face says.
import { Verbatim } from "../../check/argument.js";
import { StateError } from "../../check/errors.js";
import { isSame } from "../../check/lists.js";
import type { Engine, Step } from "../../engine/engine.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import { type Config, clipOf } from "../config.js";
import type { Call } from "../run/call.js";
import type { Norm } from "../run/gradient-norms.js";
import type { AnyRun, RunOver } from "../run/run.js";
import { RunState } from "../run/run-state.js";
import type { SlotOf, Target } from "../run/target.js";
import { keepArrays } from "../run/undo.js";
import { JointSteps } from "./joint-steps.js";

/** How variables find the optimizer that trains them. */
export interface Choice<A> {
  /** The run of the optimizer for a variable. It may be code of the user's, and whatever that gives is checked. */
  runFor(target: Target<A>): RunOver<A>;
  /** Told once, when the first variables have come. */
  looked(targets: readonly Target<A>[]): void;
  /** Whether variables may come at any time, so that an average is worth nothing before the first step. */
  readonly isOpen: boolean;
}

/** What a call asks of one part. */
interface Share<A> {
  readonly run: RunOver<A>;
  readonly call: Call<A>;
}

const isMultiState = (state: unknown): state is MultiState<unknown> => state instanceof MultiState;

/** Whether a run is that of several optimizers. */
export const isMultiRun = (run: AnyRun): boolean => isMultiState(run.state);

export class MultiState<A> extends RunState<A> {
  /** The runs of the parts, in their order. */
  readonly runs: RunOver<A>[] = [];
  readonly #choice: Choice<A>;
  /** One norm over all gradients; null for none. */
  readonly #clip: number | null;
  readonly #excluding = new WeakSet<RunOver<A>>();
  #targets: readonly Target<A>[] = [];
  #places: ReadonlyMap<object, number> = new Map();
  #runOf: ReadonlyMap<object, RunOver<A>> = new Map();
  /** The shares of the last call, and what of the parts they depend on. */
  #split: { readonly call: Call<A>; readonly shares: readonly Share<A>[]; readonly of: readonly unknown[] } | null =
    null;
  #shares: readonly Share<A>[] = [];
  #asked: { readonly variables: readonly object[] | undefined; readonly runs: readonly RunOver<A>[] } | null = null;
  readonly #steps: JointSteps<A>;

  constructor(definition: OptimizerDefinition, config: Config, engine: Engine<A, never>, choice: Choice<A>) {
    super(definition, config, engine);
    this.#choice = choice;
    this.#clip = clipOf(config) === "globalNorm" ? config.globalClipnorm : null;
    this.#steps = new JointSteps(engine, this.norms, { clip: this.#clip, norm: config.trackNorm });
  }

  /** The run of the part for a variable that has none yet. */
  runFor(target: Target<A>): RunOver<A> {
    return this.#choice.runFor(target);
  }

  override get targets(): readonly Target<A>[] {
    return this.#targets;
  }

  override indexOf(key: object): number {
    return this.#places.get(key) ?? -1;
  }

  /** Makes them parts, whose loss scale is this one's from now on. Throws under a clip of all where one has its own. */
  join(runs: Iterable<RunOver<A>>): void {
    const fresh = [...new Set(runs)].filter((run) => !this.runs.includes(run));
    for (const run of fresh) this.#checkPart(run);
    for (const run of fresh) run.state.lossScaleFactor = this.lossScaleFactor;
    this.runs.push(...fresh);
  }

  #checkPart({ config, className }: RunOver<A>): void {
    const refused = (requirement: string, what: string, remedy: string): RangeError =>
      this.argument("optimizers").badValue(requirement, new Verbatim(`${className} with ${what}`), remedy);
    if (this.#clip !== null && clipOf(config) !== "none") {
      const remedy = `Leave out its clip, or globalClipnorm=${this.#clip}: gradients are clipped once.`;
      throw refused("not clip by themselves under globalClipnorm", "a clip of its own", remedy);
    }
    for (const option of ["skipNonFinite", "trackNorm"] as const) {
      if (!config[option]) continue;
      const remedy = `Pass { ${option}: true } to the MultiOptimizer: its parts make one step.`;
      throw refused(`leave ${option} to the MultiOptimizer`, `${option}: true`, remedy);
    }
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
    return this.#steps.of(steps, call, this.#targets);
  }

  override commit(call: Call<A>): void {
    super.commit(call);
    for (const share of this.#shares) share.run.state.commit(share.call);
  }

  /** Of a variable's part, where this one has none. */
  override normOf(key: object): Norm {
    return this.norms === null ? (this.#runOf.get(key)?.state.normOf(key) ?? null) : super.normOf(key);
  }

  /** Those of the part that has most. */
  override get gathered(): number {
    return Math.max(0, ...this.runs.map(({ state }) => state.gathered));
  }

  /** The updates of all parts that have gathered something, as one step. */
  override flush(run: (step: Step<A>, call: Call<A>) => void): void {
    const flushing = this.runs.filter(({ state }) => state.gathered > 0);
    const shares: Share<A>[] = [];
    const steps: Step<A>[] = [];
    const flushFrom = (place: number): void => {
      const part = flushing[place];
      if (part === undefined) {
        const call = this.#callOf(shares);
        run(this.#steps.of(steps, call, this.#targets), call);
        this.norms?.commit(call, this.targets);
        return;
      }
      part.state.flush((step, call) => {
        shares.push({ run: part, call });
        steps.push(step);
        flushFrom(place + 1);
      });
    };
    flushFrom(0);
  }

  override showAverages(): () => void {
    return forAll(this.runs, ({ state }) => state.showAverages());
  }

  override keepValues(): () => void {
    return keepArrays(this.engine, this.#targets);
  }

  override keepState(): () => void {
    const { calls, skipped } = this;
    const putNormsBack = this.norms?.keep();
    const putPartsBack = forAll(this.runs, ({ state }) => state.keepState());
    return () => {
      this.calls = calls;
      this.skipped = skipped;
      putNormsBack?.();
      putPartsBack();
    };
  }

  override dispose(): void {
    for (const run of this.runs) run.dispose();
    this.#take([], new Map());
    this.norms?.dispose();
  }

  #take(targets: readonly Target<A>[], runOf: ReadonlyMap<object, RunOver<A>>): void {
    this.#targets = targets;
    this.#places = new Map(targets.map(({ key }, place) => [key, place]));
    this.#runOf = runOf;
    this.#split = this.#asked = null;
    this.#steps.forget();
  }

  #admit(run: RunOver<A>, keys: readonly object[], decays: (target: Target<A>) => boolean): () => void {
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
    const parts = new Map<RunOver<A>, { indices: number[]; gradients: (A | null)[] }>();
    for (const [i, index] of call.indices.entries()) {
      const key = this.#targets[index]?.key as object; // an index of the list
      const run = this.#runOf.get(key) as RunOver<A>; // each has one
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

  #withoutGradients({ state, config }: RunOver<A>, indices: readonly number[]): RangeError {
    const names = indices.map((index) => state.targets[index]?.name).join(", ");
    const remedy = "At least one of its variables needs one, as in Keras: check that the loss depends on them.";
    const received = new Verbatim(`null for ${names}`);
    return this.argument("gradients").badValue(`not all be null for its part ${config.name}`, received, remedy);
  }

  /** A call of parts with the indices here. */
  #callOf(shares: readonly Share<A>[]): Call<A> {
    const keys = shares.flatMap(({ run, call }) => call.indices.map((index) => run.state.targets[index]?.key));
    const indices = keys.map((key) => (key === undefined ? -1 : this.indexOf(key)));
    return { indices, gradients: shares.flatMap(({ call }) => call.gradients) };
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
