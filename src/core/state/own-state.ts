// The own variables of an optimizer: what the package does with them, and users do not see.
import type { Arguments } from "../../check/argument.js";
import type { Engine, HostReadable } from "../../engine/engine.js";
import type { Run } from "../run/run.js";
import { checkedState, copyWeights, type Restorable, type StateVariable, type Weight } from "./state.js";
import { stateVariables } from "./state-variables.js";

/** The own variables of an optimizer, as the package restores them. */
export interface OwnState {
  /** Its arguments, for messages. */
  readonly argument: Arguments;
  isBuilt(): boolean;
  /** Throws where they cannot be changed now. */
  checkUsable(): void;
  /** All of them in Keras' order. */
  list(): readonly Restorable[];
}

/** Those that can be read at once. */
export interface HostState extends OwnState {
  list(): StateVariable[];
  /** Copies of them all. The result, to be called once at most, puts them back. */
  keep(): () => void;
}

const states = new WeakMap<object, OwnState>();

export function holdState<S extends OwnState>(optimizer: object, state: S): void {
  states.set(optimizer, state);
}

/** The state of an optimizer as its run has it. */
export function hostState<A>(run: Run<object, unknown, A, Engine<A, never> & HostReadable<A>, unknown>): HostState {
  return {
    argument: run.state.argument,
    isBuilt: () => run.built,
    checkUsable: () => run.checkUsable(),
    list: () => stateVariables(run.config.name, run.state, run.engine),
    keep: () => run.state.keepState(),
  };
}

/** The own state of an optimizer whose face can read it at once. */
export function stateOf(optimizer: object): HostState {
  return states.get(optimizer) as HostState; // each class that has one holds it
}

/** Replaces all own variables of an optimizer, built or not. Throws StateMismatchError and changes nothing. */
export function restoreState(optimizer: object, weights: readonly Weight[]): void {
  const state = states.get(optimizer) as OwnState; // each optimizer holds one
  state.checkUsable();
  const [present, isBuilt] = [state.list(), state.isBuilt()]; // to read the weights may run code of the user's
  const argument = state.argument("weights");
  checkedState(argument, present, copyWeights(argument, weights), isBuilt)();
}
