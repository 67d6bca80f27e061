// The state of the pure functions, a tree of arrays: made, checked, turned into the inputs of a program, and back.

import { numpy as np } from "@jax-js/jax";
import { type Argument, Verbatim } from "../check/argument.js";
import { ACCUMULATOR, AVERAGE } from "../rule/plan.js";
import { checkRate } from "./learning-rate.js";
import { scalar, whole } from "./ops/ops.js";
import type { Arrays, ProgramFacts } from "./program.js";
import { checkedScalar, type GradientLeaf, type Model, matchingLeaves, rebuilt, type Tree } from "./tree.js";

/** A state by names, whichever slots it has. */
export type State = Readonly<Record<string, Tree>> & { readonly iteration: np.Array };

/** The state before the first step. The parameters stay with the caller; a learning rate is taken. */
export function initialState(facts: ProgramFacts, model: Model, rate?: np.Array): State {
  const { argument, definition, config, learningRate, slots } = facts;
  if (rate !== undefined) checkRate(argument("learningRate"), rate, learningRate);
  const initial = definition.initial?.(config.hyper) ?? {};
  const numbers = Object.entries(definition.state ?? {}).map(([name, value]) => [name, scalar(value)]);
  return {
    iteration: whole(0),
    ...(typeof learningRate === "number" && { learningRate: rate ?? scalar(learningRate) }),
    ...Object.fromEntries(numbers),
    ...slotTrees(slots, (slot) => rebuilt(model, ({ array }) => firstSlot(array, initial[slot] ?? 0))),
  };
}

function firstSlot(array: np.Array, initial: number | "variable"): np.Array {
  return initial === "variable" ? array.ref : filledLike(array, initial);
}

/** On the device of an array, which one inside `jit` does not tell. */
function filledLike(array: np.Array, value: number): np.Array {
  return np.full(array.shape, value, { dtype: np.float32, ...(array instanceof np.Array && { device: array.device }) });
}

/** A slot of these as the state calls it. */
export function nameInState(slot: string, slots: readonly string[]): string {
  if (slot === AVERAGE) return "average";
  if (slot !== ACCUMULATOR) return slot;
  return slots.includes("accumulator") ? "gradientAccumulator" : "accumulator";
}

function slotTrees(slots: readonly string[], treeOf: (slot: string) => Tree): Record<string, Tree> {
  return Object.fromEntries(slots.map((slot) => [nameInState(slot, slots), treeOf(slot)]));
}

/** The state after a step, of what a program gives for each leaf. */
export function stateAfter(
  { slots }: ProgramFacts,
  outputs: Omit<Arrays, "leaves">,
  treeOf: (name: string) => Tree,
): State {
  const { iteration, learningRate, numbers } = outputs;
  return { iteration, ...(learningRate && { learningRate }), ...numbers, ...slotTrees(slots, treeOf) };
}

/** Throws unless the state has what these options keep. */
export function checkKeys(facts: ProgramFacts, argument: Argument, state: unknown): void {
  const names = [...scalarsInState(facts), ...facts.slots.map((slot) => nameInState(slot, facts.slots))];
  const keys = typeof state === "object" && state !== null ? Object.keys(state) : [];
  if (names.length !== keys.length || !names.every((name) => keys.includes(name))) {
    const received = new Verbatim(keys.join(", ") || "none");
    const remedy = "Pass what init() or the last call gave, of the same options.";
    throw argument.badValue(`have the keys ${names.join(", ")}`, received, remedy);
  }
}

type LeafLists = Readonly<Record<string, readonly GradientLeaf[]>>;

/** The inputs of a program: the state, whose keys were checked, and what else there is of leaves. */
export function inputsOf(facts: ProgramFacts, given: Argument, state: State, model: Model, others: LeafLists): Arrays {
  const ofSlots = facts.slots.map((slot) => {
    const name = nameInState(slot, facts.slots);
    return [slot, matchingLeaves(given.field(name), state[name], model)] as const;
  });
  const lists = Object.entries({ ...Object.fromEntries(ofSlots), ...others });
  const leaves = model.leaves.map((_, i) =>
    Object.fromEntries(lists.flatMap(([name, { [i]: leaf }]) => (leaf?.array ? [[name, leaf.array]] : []))),
  );
  const scalars = scalarsInState(facts).map((name) => {
    return [name, checkedScalar(given.field(name), state[name], name === "iteration" ? np.int32 : np.float32)];
  });
  const { iteration, learningRate, ...numbers } = Object.fromEntries(scalars);
  return { iteration, ...(learningRate && { learningRate }), numbers, leaves };
}

/** The names of the scalars of a state. */
function scalarsInState({ learningRate, definition }: ProgramFacts): string[] {
  const own = Object.keys(definition.state ?? {});
  return ["iteration", ...(typeof learningRate === "number" ? ["learningRate"] : []), ...own];
}
