// core/run/: a run: its slots and counters, and what a call of `apply` does with them, without arithmetic and without knowing
// where arrays live. The faces hold one, and run its steps on their engines.

import { type Arguments, argumentsOf } from "../../check/argument.js";
import type { Engine, Row, Step } from "../../engine/engine.js";
import { checkIfOwn, type OptimizerDefinition, ruleOf } from "../../optimizers/definition.js";
import { ACCUMULATOR, AVERAGE, type DType } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { refreshScalars } from "../../rule/scalars.js";
import type { Config } from "../config.js";
import { LearningRate } from "../learning-rate.js";
import type { Call } from "./call.js";
import { CallRows, type Trained } from "./call-rows.js";
import { Gathered } from "./gathered.js";
import { GradientNorms, type Norm } from "./gradient-norms.js";
import { Plans } from "./plans.js";
import { type OptimizerState, RunScalars } from "./run-scalars.js";
import { SlotMaker } from "./slots.js";
import { kindOf, type SlotOf, type Target } from "./target.js";
import { keepArrays, showAverages } from "./undo.js";

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
  /** Calls that were left out, since a gradient was not finite. */
  skipped = 0;
  lossScaleFactor: number | null;
  /** The numbers of the whole optimizer. */
  state: OptimizerState;
  readonly definition: OptimizerDefinition;
  readonly #config: Config;
  readonly #accumulationSteps: number;
  readonly #rule: Rule;
  /** The kinds of slots in Keras' order; those of one group alternate by variable. */
  readonly kindGroups: readonly (readonly string[])[];
  readonly #slots: SlotMaker<A>;
  #nextState: OptimizerState;
  /** What they were before the last call was counted. */
  #stateBefore: OptimizerState;
  #callsBefore = 0;
  #targets: readonly Trained<A>[] = [];
  #indices: ReadonlyMap<object, number> = new Map();
  readonly #scalars: RunScalars;
  readonly #gathered = new Gathered();
  /** Null where no norm is taken. */
  readonly norms: GradientNorms | null;
  #dtypes: readonly DType[] = [];
  readonly #rows: CallRows<A>;
  readonly #steps: StepOfCall<A>[] = [];

  constructor(definition: OptimizerDefinition, config: Config, engine: Engine<A, never>) {
    this.definition = definition;
    this.className = definition.className;
    this.argument = argumentsOf(definition.className);
    this.#config = config;
    this.#accumulationSteps = config.gradientAccumulationSteps || 1;
    this.#rule = ruleOf(definition, config.hyper);
    const constants = definition.constants?.(config.hyper) ?? {};
    checkIfOwn(definition, config.hyper, this.#rule, constants);
    const plans = new Plans(this.#rule, config);
    this.#rows = new CallRows(plans, this.#accumulationSteps > 1);
    this.norms = plans.sumSquares ? new GradientNorms() : null;
    this.engine = engine;
    this.#scalars = new RunScalars(definition, config, this.#rule, constants);
    this.kindGroups = [
      ...(config.useEma ? [[AVERAGE]] : []),
      ...(this.#accumulationSteps > 1 ? [[ACCUMULATOR]] : []),
      ...(definition.slots?.(config.hyper) ?? this.#rule.slots.map((slot) => [slot])),
    ];
    this.#slots = new SlotMaker(this.kindGroups.flat(), definition.initial?.(config.hyper) ?? {}, engine);
    this.state = definition.state ?? {};
    this.#nextState = this.#stateBefore = this.state;
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
    const slots = this.#slots.make(targets);
    const weightDecay = this.#config.weightDecay !== null;
    const fresh = targets.map((target, i) => ({
      ...{ ...target, slots: slots[i] ?? {}, decays: weightDecay && decays(target) },
    }));
    this.#replaceTargets([...this.#targets, ...fresh]);
    return () => this.remove(targets.map(({ key }) => key));
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
    return this.#slots.namesFor(variable).map(kindOf);
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
      const values = this.#scalars.byType[dtype];
      refreshScalars(values, this.#config, learningRate, iterations);
      const next = this.#scalars.refreshOwn(dtype, values, iterations + 1, this.state);
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
    this.#scalars.unscaleBy(lossScale);
    // One for each situation, so that calls that take turns find theirs as they left it.
    const step = this.#stepOf(4 * Number(this.#updates) + 2 * Number(this.#overwrites) + Number(unscales));
    if (step.call === call) return step;
    step.rows = this.#rows.ofCall(call, { updates: this.#updates, overwrite: this.#overwrites, unscale: unscales });
    step.call = call;
    return step;
  }

  /** Counts the call whose step was made. */
  commit(call: Call<A>): void {
    const updates = this.#updates;
    if (updates) this.norms?.commit(call, this.targets);
    else this.#gathered.note(call, this.#targets, this.calls, this.gathered);
    this.#count(this.calls + 1, updates);
  }

  /** The norm of a variable's gradient in the last update. */
  normOf(key: object): Norm {
    return this.norms?.of(key) ?? null;
  }

  /** Calls since the last update, whose gradients are in the accumulators. */
  get gathered(): number {
    return this.calls % this.#accumulationSteps;
  }

  /**
   * Has `run` make the update with the mean of what was gathered, with the scalars that `ask` has computed, and counts the calls that
   * it stands for. Of a call there is nothing but which variables move.
   */
  flush(run: (step: Step<A>, call: Call<A>) => void): void {
    const { gathered } = this;
    const step = this.#stepOf(FLUSH);
    const call = this.#flushed();
    step.call = call;
    step.rows = this.#rows.ofFlush(call, this.#overwrites);
    this.#scalars.overCount(gathered, () => run(step, call));
    this.norms?.commit(call, this.#targets);
    this.#count(this.calls - gathered + this.#accumulationSteps, true);
  }

  /** The number of calls that a device has made of those that were counted; the last one of them moves the whole optimizer. */
  recount(calls: number): void {
    if (calls < this.calls) this.state = this.#stateBefore;
    this.calls = calls;
  }

  /** The device has refused the last call that was counted. */
  uncount(): void {
    if (this.calls > 0) this.recount(Math.min(this.#callsBefore, this.calls - 1));
  }

  /** The average of a variable, or null without one. */
  averageOf(index: number): A | null {
    return this.#targets[index]?.slots[AVERAGE] ?? null;
  }

  /** Puts the averages into the variables, if there are any yet. The result puts the values of before back. */
  showAverages(): () => void {
    return showAverages(this);
  }

  /** Copies of the variables' values. The result puts back what is still there. */
  keepValues(): () => void {
    return keepArrays(this.engine, this.#targets);
  }

  /** Copies of the optimizer's own variables. The result puts back what is still there. */
  keepState(): () => void {
    const { calls, skipped, state } = this;
    const { source } = this.learningRate;
    const [forget, putNormsBack] = [this.#gathered.keep(), this.norms?.keep()];
    const putSlotsBack = keepArrays(this.engine, this.slots());
    return () => {
      this.calls = calls;
      this.skipped = skipped;
      this.state = state;
      this.learningRate.putBack(source);
      forget();
      putNormsBack?.();
      putSlotsBack();
    };
  }

  /** Whether a slot is still in use. */
  holds({ target, array }: SlotOf<A>): boolean {
    return Object.values(this.#targets[this.indexOf(target.key)]?.slots ?? {}).includes(array);
  }

  dispose(): void {
    this.remove(this.#indices.keys());
    this.norms?.dispose();
  }

  #replaceTargets(targets: readonly Trained<A>[]): void {
    this.#targets = targets;
    this.#indices = new Map(targets.map(({ key }, index) => [key, index]));
    this.#dtypes = [...new Set(targets.map(({ dtype }) => dtype))];
    this.#rows.replaceTargets(targets);
    for (const step of this.#steps.splice(0)) if (step !== undefined) this.engine.release?.(step);
  }

  /** The step of a situation, kept for the next one. */
  #stepOf(situation: number): StepOfCall<A> {
    this.#steps[situation] ??= { call: null, rows: [], scalars: this.#scalars.byType, squares: this.norms };
    return this.#steps[situation];
  }

  #count(calls: number, updates: boolean): void {
    this.#stateBefore = this.state;
    this.#callsBefore = this.calls;
    this.calls = calls;
    if (updates) this.state = this.#nextState;
  }

  /** The variables with gathered gradients; those that take theirs as the new value come last. */
  #flushed(): Call<A> {
    const moving = this.#targets.filter(({ key }) => this.#gathered.has(key, this.calls));
    const takes = (target: Trained<A>): boolean => target.overwriteWithGradient;
    const ordered = [...moving.filter((target) => !takes(target)), ...moving.filter(takes)];
    const gradients = ordered.map(({ slots }) => slots[ACCUMULATOR] ?? null);
    return { indices: ordered.map(({ key }) => this.indexOf(key)), gradients };
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

const FLUSH = 8; // the situation after those of calls
