// The own variables of an optimizer that its face can read at once: what the package does with them, and users do not see.
import { withUndo } from "../run/undo.js";
import { checkedState, copiesOf, type copyWeights, type OptimizerVariable, type StateVariable } from "./state.js";

export interface OwnState {
  /** All of them in Keras' order. */
  list(): StateVariable[];
  /** Copies of them all. The result, to be called once at most, puts them back. */
  keep(): () => void;
}

const states = new WeakMap<object, OwnState>();

export function holdState(optimizer: object, state: OwnState): void {
  states.set(optimizer, state);
}

/** The own state of an optimizer of this package. */
export function stateOf(optimizer: object): OwnState {
  return states.get(optimizer) as OwnState; // each class that has one holds it
}

/** One step of a built optimizer from other variables of its own; returns the new ones and puts the present ones back. */
export function statelessStep<G>(
  owner: string,
  optimizer: { apply(gradients: readonly G[]): void },
  weights: ReturnType<typeof copyWeights>,
  gradients: readonly G[],
): OptimizerVariable["value"][] {
  const own = stateOf(optimizer);
  return withUndo(() => {
    checkedState(owner, own.list(), weights)();
    optimizer.apply(gradients);
    return copiesOf(own.list()).map(({ value }) => value);
  }, own.keep());
}
