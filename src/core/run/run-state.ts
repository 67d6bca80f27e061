// core/run/: a run: its slots and counters, and what a call of `apply` does with them, without arithmetic and without knowing
// where arrays live. The faces hold one, and run its steps on their engines.

import { type Arguments, argumentsOf } from "../../check/argument.js";
import { sizeOf } from "../../check/lists.js";
import type { Engine, Row, ScalarsByType, Step } from "../../engine/engine.js";
import { checkIfOwn, type OptimizerDefinition, ruleOf } from "../../optimizers/definition.js";
import { type Overwriting, overwritingRule } from "../../rule/overwrite.js";
import { ACCUMULATOR, AVERAGE, type DType, type Facts, type Phase, type Plan, planOf } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { refreshScalars, scalarsOf } from "../../rule/scalars.js";
import { type Config, clipOf } from "../config.js";
import { LearningRate } from "../learning-rate.js";
import type { Call } from "./call.js";
import { type OptimizerState, ownScalarsOf, type Refresh } from "./own-scalars.js";
import { kindOf, type SlotOf, type Target } from "./target.js";
import { keepArrays } from "./undo.js";

/** A variable with what the run keeps for it. */
interface Trained<A> extends Target<A> {
  readonly slots: Readonly<Record<string, A>>;
  readonly decays: boolean;
}

/** The step of one kind of call, kept from call to call: when the call is the same again, so are the rows. */
interface StepOfCall<A> extends Step<A> {
  call: Call<A> | null;
  rows: readonly Row<A>[];
}

export class RunState<A> {
  readonly engine: Engine<A, never>;
  readonly learningRate: LearningRate;
  /** Keras' name of the class, for messages. */
  readonly className: string;
  /** An argument of the optimizer, for messages. */
  readonly argument: Arguments;
  /** Calls of apply so far. */
  calls = 0;
  lossScaleFactor: number | null;
  /** The numbers of the whole optimizer. */
  state: OptimizerState;
  readonly definition: OptimizerDefinition;
  readonly #config: Config;
  readonly #rule: Rule;
  readonly #refreshOwn: Refresh;
  /** The kinds of slots in Keras' order; those of one group alternate by variable. */
  readonly kindGroups: readonly (readonly string[])[];
  readonly #initial: Readonly<Record<string, number | "variable">>;
  #nextState: OptimizerState;
  /** What it was before the last call was counted. */
  #stateBefore: OptimizerState;
  #targets: readonly Trained<A>[] = [];
  #indices: ReadonlyMap<object, number> = new Map();
  readonly #scalars: ScalarsByType;
  /** The one that the scalars have. */
  #lossScale: number | null = Number.NaN;
  #dtypes: readonly DType[] = [];
  readonly #plans: Plan[] = [];
  /** The rows of each situation by variable. */
  readonly #rows: Row<A>[][] = [];
  readonly #steps: StepOfCall<A>[] = [];

  constructor(definition: OptimizerDefinition, config: Config, engine: Engine<A, never>) {
    this.definition = definition;
    this.className = definition.className;
    this.argument = argumentsOf(definition.className);
    this.#config = config;
    this.#rule = ruleOf(definition, config.hyper);
    const constants = definition.constants?.(config.hyper) ?? {};
    checkIfOwn(definition, config.hyper, this.#rule, constants);
    this.engine = engine;
    this.#refreshOwn = ownScalarsOf(definition, config.hyper, this.#rule, constants);
    this.kindGroups = [
      ...(config.useEma ? [[AVERAGE]] : []),
      ...(this.#accumulationSteps > 1 ? [[ACCUMULATOR]] : []),
      ...(definition.slots?.(config.hyper) ?? this.#rule.slots.map((slot) => [slot])),
    ];
    this.#initial = definition.initial?.(config.hyper) ?? {};
    this.state = definition.state ?? {};
    this.#nextState = this.#stateBefore = this.state;
    const scalars = (dtype: DType) => scalarsOf(dtype, config, constants, this.#rule.scalars);
    this.#scalars = { float32: scalars("float32"), float64: scalars("float64") };
    this.lossScaleFactor = config.lossScaleFactor;
    this.learningRate = new LearningRate(this.argument("learningRate"), config.learningRate);
  }

  /** Updates so far: Keras' `iterations`. */
  get iterations(): number {
    return Math.floor(this.calls / this.#accumulationSteps);
  }

  get targets(): readonly Target<A>[] {
    return this.#targets;
  }

  indexOf(key: object): number {
    return this.#indices.get(key) ?? -1;
  }

  /** Makes the slots of more variables. Throws before anything is kept when memory runs out. The result takes them away again. */
  add(targets: readonly Target<A>[], decays: (target: Target<A>) => boolean): () => void {
    const made: A[] = [];
    try {
      const fresh = targets.map((target) => {
        const slots: Record<string, A> = {};
        for (const slot of this.#slotNames(target)) {
          slots[slot] = this.#createSlot(target, slot);
          made.push(slots[slot]);
        }
        return { ...target, slots, decays: this.#config.weightDecay !== null && decays(target) };
      });
      this.#replaceTargets([...this.#targets, ...fresh]);
      return () => this.remove(targets.map(({ key }) => key));
    } catch (error) {
      for (const array of made) this.engine.free(array);
      throw error;
    }
  }

  /** Forgets variables and frees their slots. Keys that are not known are passed over. */
  remove(keys: Iterable<object>): void {
    const gone = new Set(keys);
    const leaving = this.#targets.filter(({ key }) => gone.has(key));
    if (leaving.length === 0) return;
    for (const { slots } of leaving) for (const array of Object.values(slots)) this.engine.free(array);
    this.#replaceTargets(this.#targets.filter(({ key }) => !gone.has(key)));
  }

  /** All slots in the order of Keras' optimizer variables. */
  slots(): SlotOf<A>[] {
    const slotsOf = (target: Trained<A>, group: readonly string[]): SlotOf<A>[] =>
      group.flatMap((name) => {
        const array = target.slots[name];
        return array === undefined ? [] : [{ name: kindOf(name), target, array }];
      });
    return this.kindGroups.flatMap((group) => this.#targets.flatMap((target) => slotsOf(target, group)));
  }

  /** The kinds of slots that a variable gets, in the order of Keras. */
  kindsFor(variable: Pick<Target<A>, "overwriteWithGradient">): string[] {
    return this.#slotNames(variable).map(kindOf);
  }

  /** The type of the numbers of the whole optimizer: that of its first variable. */
  get stateDType(): DType {
    return this.#dtypes[0] ?? "float32";
  }

  /** The learning rate of the next update, or an error where a schedule or function gives none. */
  currentLearningRate(): number {
    return this.learningRate.at(this.calls);
  }

  /**
   * Computes the scalars of the next update of these variables, or of all. Code of the user's - a schedule, a function, a definition - runs here, and may do
   * anything to variables and gradients: then the result is true, and they have to be looked at afterwards. No other part of a
   * step runs any.
   */
  ask(_variables?: readonly object[]): boolean {
    const learningRate = this.currentLearningRate();
    const { iterations } = this;
    for (const dtype of this.#dtypes) {
      const values = this.#scalars[dtype];
      refreshScalars(values, this.#config, learningRate, iterations);
      const next = this.#refreshOwn(dtype, values, iterations + 1, this.state);
      if (dtype === this.stateDType) this.#nextState = next;
    }
    return typeof this.learningRate.source !== "number" || this.definition.perStep !== undefined;
  }

  /**
   * The step of a call, with the scalars that `ask` has computed: first the variables with a gradient in the order given, then
   * the others. Everything was checked before. Nothing is changed.
   */
  prepare(call: Call<A>, lossScale: number | null): Step<A> {
    const unscales = lossScale !== null;
    if (lossScale !== this.#lossScale) {
      this.#lossScale = lossScale;
      for (const values of Object.values(this.#scalars)) values.set("lossScale", lossScale ?? 1);
    }
    // One for each situation, so that calls that take turns find theirs as they left it.
    const situation = 4 * Number(this.#updates) + 2 * Number(this.#overwrites) + Number(unscales);
    this.#steps[situation] ??= { call: null, rows: [], scalars: this.#scalars };
    const step = this.#steps[situation];
    if (step.call === call) return step;
    step.rows = this.#rowsOf(call, unscales);
    step.call = call;
    return step;
  }

  /** Counts the call whose step was made. */
  commit(): void {
    const updates = this.#updates;
    this.#stateBefore = this.state;
    this.calls++;
    if (updates) this.state = this.#nextState;
  }

  /** The number of calls that a device has made of those that were counted; the last one of them moves the whole optimizer. */
  recount(calls: number): void {
    if (calls < this.calls) this.state = this.#stateBefore;
    this.calls = calls;
  }

  /** The average of a variable, or null without one. */
  averageOf(index: number): A | null {
    return this.#targets[index]?.slots[AVERAGE] ?? null;
  }

  /** Puts the averages into the variables, if there are any yet. The result puts the values of before back. */
  showAverages(): () => void {
    const shown = (this.calls === 0 ? [] : this.#targets).flatMap(({ array, slots: { [AVERAGE]: instead } }) =>
      instead === undefined ? [] : [{ array, instead }],
    );
    const restore = keepArrays(this.engine, shown);
    try {
      for (const { array, instead } of shown) this.engine.copy(instead, array);
    } catch (error) {
      restore();
      throw error;
    }
    return restore;
  }

  /** Copies of the variables' values. The result puts back what is still there. */
  keepValues(): () => void {
    return keepArrays(this.engine, this.#targets);
  }

  /** Copies of the optimizer's own variables. The result puts back what is still there. */
  keepState(): () => void {
    const { calls, state } = this;
    const { source } = this.learningRate;
    const putSlotsBack = keepArrays(this.engine, this.slots());
    return () => {
      this.calls = calls;
      this.state = state;
      this.learningRate.putBack(source);
      putSlotsBack();
    };
  }

  /** Whether a slot is still in use. */
  holds({ target, array }: SlotOf<A>): boolean {
    return Object.values(this.#targets[this.indexOf(target.key)]?.slots ?? {}).includes(array);
  }

  dispose(): void {
    this.remove(this.#indices.keys());
  }

  #replaceTargets(targets: readonly Trained<A>[]): void {
    this.#targets = targets;
    this.#indices = new Map(targets.map(({ key }, index) => [key, index]));
    this.#dtypes = [...new Set(targets.map(({ dtype }) => dtype))];
    this.#rows.length = 0;
    for (const step of this.#steps.splice(0)) if (step !== undefined) this.engine.release?.(step);
  }

  get #accumulationSteps(): number {
    return this.#config.gradientAccumulationSteps || 1;
  }

  #slotNames({ overwriteWithGradient }: Pick<Target<A>, "overwriteWithGradient">): readonly string[] {
    const names = this.kindGroups.flat();
    return overwriteWithGradient ? names.filter((name) => name === ACCUMULATOR) : names;
  }

  #createSlot(target: Target<A>, slot: string): A {
    const array = this.engine.zeros(target, `${target.name}_${slot}`);
    const initial = this.#initial[slot] ?? 0;
    if (initial === "variable") this.engine.copy(target.array, array);
    else if (initial !== 0) this.engine.write(array, new Float64Array(sizeOf(target.shape)).fill(initial));
    return array;
  }

  #rowsOf({ indices, gradients }: Call<A>, unscales: boolean): Row<A>[] {
    const stepping: Row<A>[] = [];
    const overwriting: Row<A>[] = [];
    const seen = new Uint8Array(this.#targets.length);
    for (const [i, index] of indices.entries()) {
      const gradient = gradients[i] ?? null;
      if (gradient === null) continue;
      seen[index] = 1;
      const row = this.#rowOf(this.#updates ? "update" : "gather", index, unscales);
      row.arrays[row.plan.gradientAt] = gradient;
      (this.#targets[index]?.overwriteWithGradient ? overwriting : stepping).push(row);
    }
    // Without an ordinary gradient Keras leaves averages and accumulators alone, too.
    if (stepping.length === 0 || !seen.includes(0)) return [...stepping, ...overwriting];
    const phase = this.#updates && this.#accumulationSteps > 1 ? "clear" : "rest";
    const others = this.#targets.flatMap((_, index) => (seen[index] ? [] : this.#rowOf(phase, index, false)));
    return [...stepping, ...overwriting, ...others.filter(({ plan }) => plan.arrays.length > 0)];
  }

  #rowOf(phase: Phase, index: number, unscale: boolean): Row<A> {
    const overwrite = this.#overwrites;
    const situation = 4 * PHASES.indexOf(phase) + 2 * Number(overwrite) + Number(unscale);
    this.#rows[situation] ??= [];
    const rows = this.#rows[situation];
    rows[index] ??= this.#createRow(index, phase, overwrite, unscale);
    return rows[index];
  }

  #createRow(index: number, phase: Phase, overwrite: boolean, unscale: boolean): Row<A> {
    const target = this.#targets[index] as Trained<A>; // an index of the list
    const { dtype, decays, slots } = target;
    const plan = target.overwriteWithGradient
      ? this.#overwritingPlan(dtype, phase)
      : this.#steppingPlan({ dtype, phase, overwrite, unscale, decay: decays });
    // The variable, and the place of the gradient, which is filled in each call, are no slots.
    return { plan, arrays: plan.arrays.map((name) => slots[name] ?? target.array) };
  }

  #steppingPlan(facts: Omit<Facts, "accumulate" | "average" | "clip">): Plan {
    const own = { accumulate: this.#accumulationSteps > 1, average: this.#config.useEma, clip: clipOf(this.#config) };
    return this.#planOf(this.#rule, { ...facts, ...own });
  }

  /** Of a variable that takes its gradient as the new value: nothing else is done to it. */
  #overwritingPlan(dtype: DType, phase: Phase): Plan {
    const accumulate = this.#accumulationSteps > 1;
    const off = { unscale: false, clip: "none", decay: false, average: false, overwrite: false } as const;
    if (phase === "clear" || phase === "rest") return this.#planOf(this.#rule, { dtype, phase, accumulate, ...off });
    const what: Overwriting = phase === "gather" ? "gatherLargest" : accumulate ? "takeLargest" : "take";
    return this.#planOf(overwritingRule(this.#rule, what), { dtype, phase: "update", accumulate: false, ...off });
  }

  /** Equal plans are the same object. */
  #planOf(rule: Rule, facts: Facts): Plan {
    const made = planOf(rule, facts);
    const known = this.#plans.find((plan) => plan.rule === rule && plan.key === made.key);
    if (known === undefined) this.#plans.push(made);
    return known ?? made;
  }

  /** Whether variables move in the next call. */
  get #updates(): boolean {
    return (this.calls + 1) % this.#accumulationSteps === 0;
  }

  get #overwrites(): boolean {
    const { useEma, emaOverwriteFrequency } = this.#config;
    return useEma && !!emaOverwriteFrequency && (this.iterations + 1) % emaOverwriteFrequency === 0;
  }
}

const PHASES: readonly Phase[] = ["update", "gather", "clear", "rest"];
