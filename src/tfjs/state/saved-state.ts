// tfjs/state/: an optimizer's own variables as tensors that are saved and loaded, and as a checkpoint.
//
// The own variables of one optimizer, to be saved and restored: those of variables that it has trained, and those that wait
// for variables to come. What a weight is, and which belongs to which, is in weights.ts.

import type * as tf from "@tensorflow/tfjs-core";
import { StateError } from "../../check/errors.js";
import type { Run } from "../../core/run/run.js";
import { kindOf } from "../../core/run/target.js";
import { ownVariables, type SlotVariable } from "../../core/state/state-variables.js";
import { forgetDisposed } from "../engine/backends.js";
import {
  checkedRestore,
  fromNamesake,
  type NamedTensor,
  type NamedVariables,
  type SavedWeight,
  savedWeights,
  slotName,
  stateMismatch,
  Weights,
} from "./weights.js";

/** One of an optimizer's own variables, and the name under which it is saved. */
export interface StateName extends Pick<SavedWeight, "shape"> {
  readonly savedName: string;
  /** Of a counter `"iteration"`, `"learning_rate"` ...; of a slot its kind. */
  readonly name: string;
  /** The kind of slot; null for a counter. */
  readonly slot: string | null;
}

/** What is saved and restored of an optimizer, whatever is within it. */
export type Saved = Pick<SavedState, "values" | "tensorsOf" | "namesFor" | "checked" | "dispose">;

type OwnRun = Run<tf.Variable, never, tf.Tensor>;

export class SavedState {
  readonly #run: OwnRun;
  readonly #tensors = new Weights();
  #waiting: readonly SavedWeight[] = [];

  /** @param run of the optimizer whose state it is */
  constructor(run: OwnRun) {
    this.#run = run;
  }

  /** The present values, and those that wait. */
  async values(): Promise<SavedWeight[]> {
    const waiting = this.#waiting;
    return [...(await savedWeights(this.#own())), ...waiting];
  }

  /** What `values` gave as tensors, which are kept and change with the next call. */
  tensorsOf(values: readonly SavedWeight[]): NamedTensor[] {
    return this.#tensors.named(values);
  }

  /** The names of all own variables in Keras' order, as they are once these variables were trained. */
  namesFor(trained: readonly tf.Variable[]): StateName[] {
    const { config, state } = this.#run;
    const counters = this.#own().counters.map(counterName);
    const slots = state.kindGroups.flatMap((group) =>
      trained.flatMap(({ name, shape }) =>
        group.map(kindOf).map((slot): StateName => {
          return { savedName: slotName(config.name, name, slot), name: slot, shape, slot };
        }),
      ),
    );
    const ownCounters = counters.length - Object.keys(state.definition.state ?? {}).length;
    return [...counters.slice(0, ownCounters), ...slots, ...counters.slice(ownCounters)];
  }

  /** As `namesFor`, of each part that it is made of. */
  partNames(_trained: readonly tf.Variable[]): { readonly className: string; readonly variables: StateName[] }[] {
    return [];
  }

  /** Throws what is wrong with these values, and changes nothing; the result restores them. */
  checked(read: readonly SavedWeight[]): () => void {
    this.#run.checkUsable();
    const { config, state } = this.#run;
    const argument = state.argument("weights");
    const own = this.#own();
    const given = fromNamesake(read, config.name, own.counters, state);
    const count = own.counters.length + own.slots.length;
    if (own.slots.length > 0 && given.length !== count + this.#waiting.length)
      throw stateMismatch(argument, [...own.counters, ...own.slots], given);
    const { rest, restore } = checkedRestore(argument, own, given);
    return () => {
      restore();
      this.#waiting = rest;
    };
  }

  /** Gives variables whose slots have just been made what waits for them. The result lets it wait again. */
  giveTo(fresh: readonly tf.Variable[]): () => void {
    const waiting = this.#waiting;
    if (waiting.length > 0) {
      const keys = new Set<object | null>(fresh);
      const slots = this.#own().slots.filter(({ variable }) => keys.has(variable.of));
      const { rest, restore } = checkedRestore(this.#run.state.argument("weights"), { counters: [], slots }, waiting);
      restore();
      this.#waiting = rest;
    }
    return () => {
      this.#waiting = waiting;
    };
  }

  /** Of variables without slots, those for which values wait: by their names, or else all that can be trained. */
  awaited(variables: readonly tf.Variable[]): tf.Variable[] {
    if (this.#waiting.length === 0) return [];
    const fresh = variables.filter((variable) => this.#run.state.indexOf(variable) < 0);
    const folder = ({ name }: tf.Variable): string => slotName(this.#run.config.name, name, "");
    const named = fresh.filter((variable) => this.#waiting.some(({ name }) => name.startsWith(folder(variable))));
    return named.length > 0 ? named : fresh.filter(({ trainable }) => trainable);
  }

  /** Throws a StateError while values wait that are in no slot. */
  checkNothingWaits(remedy = "Pass all of the model's variables."): void {
    const [first, ...others] = this.#waiting;
    if (first === undefined) return;
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    const problem = `${first.name}${more} waits for its variable, which was not trained since setWeights()`;
    throw new StateError(this.#run.className, `${problem}. ${remedy}`);
  }

  /** Runs `fn`, which replaces the whole state: nothing waits then. When it throws, what waited waits on. */
  replacing<T>(fn: () => T): T {
    const waiting = this.#waiting;
    try {
      this.#waiting = [];
      return fn();
    } catch (error) {
      this.#waiting = waiting;
      throw error;
    }
  }

  dispose(): void {
    this.#tensors.dispose();
    this.#waiting = [];
  }

  #own(): NamedVariables {
    const { config, state } = this.#run;
    forgetDisposed(state);
    const { first, slots, last } = ownVariables(config.name, state);
    return {
      counters: [...first, ...last].map((variable, i) => ({ name: i === 0 ? "iter" : variable.path, variable })),
      slots: state.slots().map(({ name, target }, i) => ({
        name: slotName(config.name, target.name, name),
        variable: slots[i] as SlotVariable<tf.Tensor>, // in the order of the slots
      })),
    };
  }
}

export const counterName = ({ name, variable }: NamedVariables["counters"][number]): StateName => ({
  ...{ savedName: name, name: variable.name, shape: [], slot: null },
});
