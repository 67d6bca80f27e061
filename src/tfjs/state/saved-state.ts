// tfjs/state/: an optimizer's own variables as tensors that are saved and loaded, and as a checkpoint.
//
// The own variables of one optimizer, to be saved and restored: those of variables that it has trained, and those that wait
// for variables to come. What a weight is, and which belongs to which, is in weights.ts.
import type * as tf from "@tensorflow/tfjs-core";
import { StateError } from "../../check/errors.js";
import type { Run } from "../../core/run/run.js";
import { kindOf } from "../../core/run/run-state.js";
import type { StateVariable } from "../../core/state/state.js";
import {
  checkedRestore,
  fromNamesake,
  type NamedTensor,
  type NamedVariable,
  namedVariables,
  readWeights,
  type SavedWeight,
  savedWeights,
  slotName,
  stateMismatch,
  Weights,
} from "./weights.js";

/** The name under which one of an optimizer's own variables is saved. */
export interface StateName {
  readonly name: string;
  readonly shape: readonly number[];
  readonly isSlot: boolean;
}

/** The run of the optimizer whose state it is. */
interface OwnRun extends Run<tf.Variable, never, tf.Tensor> {
  ownVariables(): StateVariable[];
}

export class SavedState {
  readonly #run: OwnRun;
  readonly #tensors = new Weights();
  #waiting: readonly SavedWeight[] = [];

  constructor(run: OwnRun) {
    this.#run = run;
  }

  /** The present values, and those that wait. */
  values(): Promise<SavedWeight[]> {
    return savedWeights(this.#saved(), this.#waiting);
  }

  /** What `values` gave as tensors, which are kept and change with the next call. */
  tensorsOf(values: readonly SavedWeight[]): NamedTensor[] {
    return this.#tensors.named(values);
  }

  /** The names of all own variables in Keras' order, as they are once these variables were trained. */
  namesFor(trained: readonly tf.Variable[]): StateName[] {
    const { name: optimizer } = this.#run.config;
    const counters = this.#saved().filter(({ owner }) => owner === null);
    const named = counters.map(({ name }) => ({ name, shape: [], isSlot: false }));
    const ofWhole = Object.keys(this.#run.state.definition.state ?? {}).length;
    const slots = this.#run.state.kindGroups.flatMap((group) =>
      trained.flatMap(({ name, shape }) =>
        group.map((slot) => ({ name: slotName(optimizer, name, kindOf(slot)), shape, isSlot: true })),
      ),
    );
    const first = named.length - ofWhole;
    return [...named.slice(0, first), ...slots, ...named.slice(first)];
  }

  read(weights: readonly NamedTensor[]): Promise<SavedWeight[]> {
    return readWeights(this.#run.className, weights);
  }

  /** Throws what is wrong with these values, and changes nothing; the result restores them. */
  checked(read: readonly SavedWeight[]): () => void {
    this.#run.checkUsable();
    const { className: owner } = this.#run;
    const own = this.#saved();
    const counters = own.filter((saved) => saved.owner === null);
    const given = fromNamesake(read, this.#run.config.name, counters, this.#run.state);
    const isBuilt = own.length > counters.length;
    if (isBuilt && given.length !== own.length + this.#waiting.length) throw stateMismatch(owner, own, given);
    const { rest, restore } = checkedRestore(owner, own, given);
    return () => {
      restore();
      this.#waiting = rest;
    };
  }

  /** Gives variables whose slots have just been made what waits for them. The result lets it wait again. */
  giveTo(fresh: readonly tf.Variable[]): () => void {
    const waiting = this.#waiting;
    const undo = (): void => {
      this.#waiting = waiting;
    };
    if (waiting.length === 0) return undo;
    const own = this.#saved().filter(({ owner }) => owner !== null && fresh.includes(owner));
    const { rest, restore } = checkedRestore(this.#run.className, own, waiting);
    restore();
    this.#waiting = rest;
    return undo;
  }

  /** Of variables without slots, those for which values wait: by their names, or else all that can be trained. */
  awaited(variables: readonly tf.Variable[]): tf.Variable[] {
    if (this.#waiting.length === 0) return [];
    const fresh = variables.filter((variable) => this.#run.state.indexOf(variable) < 0);
    const folder = ({ name }: tf.Variable): string => `${this.#run.config.name}/${name}/`;
    const named = fresh.filter((variable) => this.#waiting.some(({ name }) => name.startsWith(folder(variable))));
    return named.length > 0 ? named : fresh.filter(({ trainable }) => trainable);
  }

  /** Throws a StateError while values wait that are in no slot. */
  checkNothingWaits(): void {
    const [first, ...others] = this.#waiting;
    if (first === undefined) return;
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    const problem = `${first.name}${more} waits for its variable, which was not trained since setWeights()`;
    throw new StateError(this.#run.className, `${problem}. Pass all of the model's variables.`);
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

  #saved(): NamedVariable[] {
    const own = this.#run.ownVariables();
    return namedVariables(this.#run.config.name, own, this.#run.state.slots());
  }
}
