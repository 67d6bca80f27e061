// core/run/: a run: its slots and counters, and what a call of `apply` does with them, without arithmetic and without knowing
// where arrays live. The faces wrap it for their users.

import { sizeOf } from "../../check/lists.js";
import { snakeCase } from "../../check/names.js";
import type { Engine, Row, ScalarsByType } from "../../engine/engine.js";
import { type OptimizerDefinition, ruleOf, slotGroups } from "../../optimizers/definition.js";
import { ACCUMULATOR, AVERAGE, type DType, type Phase, type Plan, planOf } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { refreshScalars, scalarsOf } from "../../rule/scalars.js";
import { type Config, clipOf } from "../config.js";
import { LearningRate } from "../learning-rate.js";
import { type CallBatch, isSameCall } from "./call-batch.js";
import { checkRule } from "./check-rule.js";
import { keepArrays, showInstead } from "./kept-arrays.js";
import { overwrite } from "./overwrite.js";
import { type OptimizerState, OwnScalars } from "./own-scalars.js";
import type { SlotOf, Target } from "./target.js";
import { Turn } from "./turn.js";

type Slots<A> = Readonly<Record<string, A>>;

const KERAS_NAMES: Readonly<Record<string, string>> = { [ACCUMULATOR]: "gradient_accumulator", [AVERAGE]: "average" };

export class RunState<A> {
  readonly engine: Engine<A>;
  readonly learningRate: LearningRate;
  /** Keras' name of the class, for messages. */
  readonly className: string;
  /** Calls of apply so far. */
  calls = 0;
  lossScaleFactor: number | null;
  /** The numbers of the whole optimizer. */
  state: OptimizerState;
  readonly turn: Turn = new Turn();
  readonly definition: OptimizerDefinition;
  readonly #config: Config;
  readonly #rule: Rule;
  readonly #ownScalars: OwnScalars;
  /** The kinds of slots in Keras' order; those of one group alternate by variable. */
  readonly kindGroups: readonly (readonly string[])[];
  readonly #initial: Readonly<Record<string, number>>;
  #nextState: OptimizerState;
  #targets: Target<A>[] = [];
  #slots: Slots<A>[] = [];
  #decays: boolean[] = [];
  readonly #indices = new Map<object, number>();
  readonly #scalars: ScalarsByType;
  #dtypes: readonly DType[] = [];
  readonly #plans = new Map<string, Plan>();
  // The rows of each situation by variable, kept so that a step allocates nothing.
  readonly #rows = new Map<number, Row<A>[]>();
  readonly #batches = new Map<number, CallBatch<A>>();
  #seen = new Uint32Array();
  #stamp = 0;
  #anyOverwrites = false;
  #unscales = false;

  constructor(definition: OptimizerDefinition, config: Config, engine: Engine<A>) {
    this.definition = definition;
    this.className = definition.className;
    this.#config = config;
    this.#rule = ruleOf(definition, config.hyper);
    checkRule(definition, config.hyper, this.#rule);
    this.engine = engine;
    this.#ownScalars = new OwnScalars(definition, config.hyper, this.#rule);
    this.kindGroups = [
      ...(config.useEma ? [[AVERAGE]] : []),
      ...(this.#accumulationSteps > 1 ? [[ACCUMULATOR]] : []),
      ...slotGroups(definition, config.hyper, this.#rule),
    ];
    this.#initial = definition.initial?.(config.hyper) ?? {};
    this.state = definition.state ?? {};
    this.#nextState = this.state;
    const constants = definition.constants?.(config.hyper) ?? {};
    const scalars = (dtype: DType) => scalarsOf(dtype, config, constants, this.#rule.scalars);
    this.#scalars = { float32: scalars("float32"), float64: scalars("float64") };
    this.lossScaleFactor = config.lossScaleFactor;
    this.learningRate = new LearningRate(definition.className, config.learningRate);
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

  /** Makes the slots of more variables. Throws before anything is kept when memory runs out. */
  add(targets: readonly Target<A>[], decays: (target: Target<A>) => boolean): void {
    const made: A[] = [];
    try {
      this.#slots = this.#slots.concat(targets.map((target) => this.#createSlots(target, made)));
    } catch (error) {
      for (const array of made) this.engine.free(array);
      throw error;
    }
    this.#targets = this.#targets.concat(targets);
    const decaying = (target: Target<A>): boolean => this.#config.weightDecay !== null && decays(target);
    this.#decays = this.#decays.concat(targets.map(decaying));
    this.#refreshIndex();
  }

  /** Forgets variables and frees their slots. Keys that are not known are passed over. */
  remove(keys: Iterable<object>): void {
    const gone = new Set([...keys].map((key) => this.indexOf(key)).filter((index) => index >= 0));
    if (gone.size === 0) return;
    for (const index of gone) for (const array of Object.values(this.#slots[index] ?? {})) this.engine.free(array);
    const stays = (_: unknown, index: number) => !gone.has(index);
    this.#targets = this.#targets.filter(stays);
    this.#slots = this.#slots.filter(stays);
    this.#decays = this.#decays.filter(stays);
    this.#refreshIndex();
  }

  /** All slots in the order of Keras' optimizer variables. */
  slots(): SlotOf<A>[] {
    return this.kindGroups.flatMap((group) =>
      this.#targets.flatMap((target, i) =>
        group.flatMap((name) => {
          const array = this.#slots[i]?.[name];
          return array === undefined ? [] : [{ name: kindOf(name), target, array }];
        }),
      ),
    );
  }

  /** The kinds of slots that a variable gets, in the order of Keras. */
  kindsFor(variable: Pick<Target<A>, "overwriteWithGradient">): string[] {
    return this.#slotNames(variable).map(kindOf);
  }

  /** The learning rate of the next update, or an error where a schedule or function gives none. */
  currentLearningRate(): number {
    return this.learningRate.at(this.calls);
  }

  /**
   * Computes the scalars of the next `apply`. Returns whether a schedule, a function or a definition of the user's was asked
   * for them: such code may have done anything to variables and gradients, which have to be looked at again.
   */
  prepare(lossScale: number | null): boolean {
    const asksUser = !this.learningRate.isNumber || this.definition.perStep !== undefined;
    this.#refreshScalars(lossScale);
    this.#unscales = lossScale !== null;
    return asksUser;
  }

  /**
   * One call of Keras' apply, after `prepare`: `gradients[i]` belongs to the variable of index `indices[i]`; `null` for none.
   * Everything was checked before; what can still fail (memory) fails before anything changes.
   */
  apply(indices: readonly number[], gradients: readonly (A | null)[]): void {
    const updates = (this.calls + 1) % this.#accumulationSteps === 0;
    const batch = this.#batchOf(updates, this.#unscales);
    if (!isSameCall(batch, indices, gradients)) this.#fill(batch, indices, gradients, updates, this.#unscales);
    this.engine.run(batch, this.#scalars);
    if (this.#anyOverwrites) this.#overwriteDirectly(indices, gradients, updates);
    this.calls++;
    if (updates) this.state = this.#nextState;
  }

  /** The average of a variable, or null without one. */
  averageOf(index: number): A | null {
    return this.#slots[index]?.[AVERAGE] ?? null;
  }

  /** Puts the averages into the variables, if there are any yet. The result puts the values of before back. */
  showAverages(): () => void {
    const shown = (this.calls === 0 ? [] : this.#targets).flatMap(({ array }, index) => {
      const average = this.averageOf(index);
      return average === null ? [] : [{ array, instead: average }];
    });
    return showInstead(this.engine, shown);
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
    return Object.values(this.#slots[this.indexOf(target.key)] ?? {}).includes(array);
  }

  dispose(): void {
    this.remove(this.#indices.keys());
  }

  #refreshIndex(): void {
    this.#indices.clear();
    for (const [index, { key }] of this.#targets.entries()) this.#indices.set(key, index);
    this.#dtypes = [...new Set(this.#targets.map(({ dtype }) => dtype))];
    this.#seen = new Uint32Array(this.#targets.length);
    this.#anyOverwrites = this.#targets.some(({ overwriteWithGradient }) => overwriteWithGradient);
    this.#rows.clear();
    for (const batch of this.#batches.values()) this.engine.release(batch);
    this.#batches.clear();
  }

  get #accumulationSteps(): number {
    return this.#config.gradientAccumulationSteps || 1;
  }

  #slotNames({ overwriteWithGradient }: Pick<Target<A>, "overwriteWithGradient">): readonly string[] {
    const names = this.kindGroups.flat();
    return overwriteWithGradient ? names.filter((name) => name === ACCUMULATOR) : names;
  }

  #createSlots(target: Target<A>, made: A[]): Slots<A> {
    const names = this.#slotNames(target);
    const entries = names.map((slot) => {
      const array = this.engine.zeros(target, `${target.name}_${slot}`);
      made.push(array);
      const initial = this.#initial[slot] ?? 0;
      if (initial !== 0) this.engine.write(array, new Float64Array(sizeOf(target.shape)).fill(initial));
      return [slot, array] as const;
    });
    return Object.fromEntries(entries);
  }

  #refreshScalars(lossScale: number | null): void {
    const learningRate = this.currentLearningRate();
    const { iterations } = this;
    for (const dtype of this.#dtypes) {
      const values = this.#scalars[dtype];
      refreshScalars(values, this.#config, { learningRate, iterations, lossScale });
      this.#nextState = this.#ownScalars.refresh(dtype, values, iterations + 1, this.state);
    }
  }

  /** One batch for each situation, so that calls that take turns find theirs as they left it. */
  #batchOf(updates: boolean, unscale: boolean): CallBatch<A> {
    const situation = 4 * Number(updates) + 2 * Number(this.#overwrites) + Number(unscale);
    let batch = this.#batches.get(situation);
    if (!batch) {
      batch = { rows: [], version: 0, indices: [], gradients: [] };
      this.#batches.set(situation, batch);
    }
    return batch;
  }

  /** Collects the rows of this call: first the variables with a gradient in the order given, then the others. */
  #fill(
    batch: CallBatch<A>,
    indices: readonly number[],
    gradients: readonly (A | null)[],
    updates: boolean,
    unscale: boolean,
  ): void {
    const { rows } = batch;
    rows.length = 0;
    batch.version++;
    batch.indices = indices.slice();
    batch.gradients = gradients.slice();
    const stamp = ++this.#stamp;
    let seen = 0;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] ?? 0;
      const gradient = gradients[i] ?? null;
      if (gradient === null) continue;
      this.#seen[index] = stamp;
      seen++;
      if (this.#targets[index]?.overwriteWithGradient) continue;
      const row = this.#rowOf(updates ? "update" : "gather", index, unscale);
      row.arrays[row.plan.gradientAt] = gradient;
      rows.push(row);
    }
    // Without an ordinary gradient Keras leaves averages and accumulators alone, too.
    if (rows.length === 0 || seen === this.#targets.length) return;
    for (let index = 0; index < this.#targets.length; index++) {
      if (this.#seen[index] === stamp) continue;
      const row = this.#rowOf(updates && this.#accumulationSteps > 1 ? "clear" : "rest", index, false);
      if (row.plan.arrays.length > 0) rows.push(row);
    }
  }

  #rowOf(phase: Phase, index: number, unscale: boolean): Row<A> {
    const overwrite = this.#overwrites;
    const situation = 4 * PHASES.indexOf(phase) + 2 * Number(overwrite) + Number(unscale);
    let rows = this.#rows.get(situation);
    if (!rows) {
      rows = [];
      this.#rows.set(situation, rows);
    }
    rows[index] ??= this.#createRow(index, phase, overwrite, unscale);
    return rows[index];
  }

  #createRow(index: number, phase: Phase, overwrite: boolean, unscale: boolean): Row<A> {
    const target = this.#targets[index] as Target<A>;
    const average = this.#config.useEma && !target.overwriteWithGradient;
    const facts = {
      ...{ dtype: target.dtype, phase, unscale, overwrite: overwrite && average, average },
      ...{ accumulate: this.#accumulationSteps > 1, clip: clipOf(this.#config), decay: this.#decays[index] ?? false },
    };
    const made = planOf(this.#rule, facts);
    const plan = this.#plans.get(made.key) ?? made;
    this.#plans.set(made.key, plan);
    const slots: Slots<A> = { ...this.#slots[index], variable: target.array };
    // The gradient's place is filled in each call.
    return { plan, arrays: plan.arrays.map((name) => slots[name] ?? target.array) };
  }

  get #overwrites(): boolean {
    const { useEma, emaOverwriteFrequency } = this.#config;
    return useEma && !!emaOverwriteFrequency && (this.iterations + 1) % emaOverwriteFrequency === 0;
  }

  /** Variables that take their gradient as the new value. */
  #overwriteDirectly(indices: readonly number[], gradients: readonly (A | null)[], updates: boolean): void {
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] ?? 0;
      const [target, gradient] = [this.#targets[index], gradients[i] ?? null];
      if (gradient === null || !target?.overwriteWithGradient) continue;
      const accumulator = this.#slots[index]?.[ACCUMULATOR] ?? null;
      overwrite(this.engine, { variable: target.array, gradient, accumulator }, updates);
    }
  }
}

const PHASES: readonly Phase[] = ["update", "gather", "clear", "rest"];

export const kindOf = (slot: string): string => KERAS_NAMES[slot] ?? snakeCase(slot);
