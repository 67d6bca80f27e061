// An optimizer's own variables as TensorFlow.js saves and loads them: named tensors, the iteration first.

import * as tf from "@tensorflow/tfjs-core";
import type { Argument } from "../../check/argument.js";
import { floatTypeOf, isInt32Array } from "../../check/built-ins.js";
import { StateMismatchError } from "../../check/errors.js";
import { isSame } from "../../check/lists.js";
import { snakeCase } from "../../check/names.js";
import type { RunState } from "../../core/run/run-state.js";
import { checkedState, copyWeights, type SavedArray, type StateVariable } from "../../core/state/state.js";
import type { SlotVariable } from "../../core/state/state-variables.js";
import { isAlive } from "../engine/backends.js";

/** A tensor and the name of its variable. */
export type NamedTensor = { name: string; tensor: tf.Tensor };

/** One of an optimizer's own variables, and the name under which it is saved: `"rmsprop/dense/kernel/velocity"`. */
interface Named<V> {
  readonly name: string;
  readonly variable: V;
}

/** An optimizer's own variables: what is no slot, which is saved first, and the slots. */
export interface NamedVariables {
  readonly counters: readonly Named<StateVariable>[];
  readonly slots: readonly Named<SlotVariable<tf.Tensor>>[];
}

/** A value and its name: a slot in a Float32Array, a counter in an array of its type. */
export interface SavedWeight extends Pick<SavedArray, "shape" | "value"> {
  readonly name: string;
}

/** The name under which a slot is saved. */
export function slotName(optimizer: string, variable: string, kind: string): string {
  return `${optimizer}/${variable}/${kind}`;
}

/** The values of named tensors, read from the device. The tensors may be disposed of afterwards. */
export function readWeights(argument: Argument, weights: readonly NamedTensor[]): Promise<SavedWeight[]> {
  const remedy = "Pass what getWeights() gave.";
  argument.array(weights, remedy);
  return Promise.all(
    weights.map(async (weight, i) => {
      if (typeof weight?.name !== "string" || !(weight.tensor instanceof tf.Tensor)) {
        throw argument.at(i).badKind("be { name, tensor }", weight, remedy);
      }
      const { name, tensor } = weight;
      const data = await tensor.data();
      const value = isInt32Array(data) ? Int32Array.from(data) : Float32Array.from(data);
      return { name, shape: [...tensor.shape], value };
    }),
  );
}

/** The present values of own variables. */
export async function savedWeights({ counters, slots }: NamedVariables): Promise<SavedWeight[]> {
  return [...counters.map(savedCounter), ...(await Promise.all(slots.map(savedSlot)))];
}

function savedCounter({ name, variable }: Named<StateVariable>): SavedWeight {
  return { name, shape: variable.shape, value: variable.present() };
}

/** What a slot holds now, whatever is done to it before it is read. A page does not wait for its graphics card. */
async function savedSlot({ name, variable: { shape, array } }: NamedVariables["slots"][number]): Promise<SavedWeight> {
  const held = tf.keep(array.clone());
  try {
    return { name, shape, value: (await held.data<"float32">()).slice() };
  } finally {
    held.dispose();
  }
}

/**
 * Finds the values of own variables, slots by name or else by their order, and checks them. Throws StateMismatchError and
 * the like; nothing is changed before `restore`. `rest` are the weights that are left, which wait for variables to come.
 */
export function checkedRestore(
  argument: Argument,
  own: NamedVariables,
  weights: readonly SavedWeight[],
): { readonly rest: readonly SavedWeight[]; readonly restore: () => void } {
  const { counters, slots } = own;
  const counts = weights.slice(0, counters.length).map(unpacked);
  const rest = weights.slice(counters.length);
  const [first, others] = [weightsFor(counters, counts), weightsFor(slots, rest)];
  if (first === null || others === null) throw stateMismatch(argument, [...counters, ...slots], weights);
  const variables = [...counters, ...slots].map(({ variable }) => variable);
  const restore = checkedState(argument, variables, copyWeights(argument, [...first, ...others]));
  const used = new Set(others);
  return { rest: rest.filter((weight) => !used.has(weight)), restore };
}

/** Tensors have no whole numbers of more than 32 bits: a greater count is saved as its last 31 bits, and the others. */
const PACKED = 2 ** 31;

function packed({ name, shape, value }: SavedWeight): SavedWeight {
  const [count = 0] = value;
  if (floatTypeOf(value) !== "float64") return { name, shape, value };
  return { name, shape: [2], value: Int32Array.of(count % PACKED, Math.floor(count / PACKED)) };
}

function unpacked(weight: SavedWeight): SavedWeight {
  const { name, shape, value } = weight;
  const [low = 0, high = 0] = value;
  if (!isInt32Array(value) || shape.length !== 1 || shape[0] !== 2) return weight;
  return { name, shape: [], value: Float64Array.of(low + high * PACKED) };
}

/** The error for weights that do not fit, with both lists. */
export function stateMismatch(
  argument: Argument,
  own: readonly Named<Pick<StateVariable, "shape">>[],
  weights: readonly SavedWeight[],
): StateMismatchError {
  const problem = "the state does not fit this optimizer and its variables; nothing was restored.";
  const expected = own.map(({ name, variable }) => `${name} [${variable.shape}]`);
  const received = weights.map(({ name, shape }) => `${name} [${shape}]`);
  return new StateMismatchError(argument.owner, problem, expected, received);
}

/** The weights for own variables, in their order; null if one of them does not fit. */
function weightsFor(
  own: readonly Named<Pick<StateVariable, "shape">>[],
  weights: readonly SavedWeight[],
): readonly SavedWeight[] | null {
  const found = namedWeights(own, weights, (name) => name) ?? namedWeights(own, weights, plainName);
  const ordered = found ?? (own.length === weights.length ? weights : []);
  const fits = own.every(({ name, variable }, i) => {
    const weight = ordered[i];
    return weight && sameKind(name, weight.name) && isSame(variable.shape, weight.shape);
  });
  return fits ? ordered : null;
}

/** A weight of its own for every name, or null. */
function namedWeights(
  own: readonly Named<unknown>[],
  weights: readonly SavedWeight[],
  nameOf: (name: string) => string,
): SavedWeight[] | null {
  const byName = new Map(weights.map((weight) => [nameOf(weight.name), weight]));
  const found = new Set(own.flatMap(({ name }) => byName.get(nameOf(name)) ?? []));
  return byName.size === weights.length && found.size === own.length ? [...found] : null;
}

/** Without the number that tells the weights of a layer from those of its namesakes: they may be loaded with another. */
const plainName = (name: string): string => name.replace(/(\/[^/]+\/[^/]+)_\d+(\/[^/]+)$/, "$1$2");

/** Whether both are velocities, or both averages ...; a name without a path says nothing about it. */
const sameKind = (name: string, other: string): boolean => !other.includes("/") || kindOf(name) === kindOf(other);

const kindOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/**
 * The weights of the namesake in `tf.train` - iter, then a name and a kind for each slot - under our names, without those that
 * this optimizer has no slots for. Other weights are returned as they are.
 */
export function fromNamesake(
  weights: readonly SavedWeight[],
  optimizer: string,
  counters: readonly Named<StateVariable>[],
  run: Pick<RunState<unknown>, "definition" | "kindsFor">,
): readonly SavedWeight[] {
  const ours = run.definition.namesake?.slots ?? {};
  const [first] = Object.keys(ours); // which it always has
  const [iteration, ...slots] = weights;
  const isTheirs = slots.every(({ name }) => kindOf(name) in ours && name.includes("/"));
  if (iteration === undefined || !isTheirs || slots.length > 0 !== slots.some(({ name }) => kindOf(name) === first)) {
    return weights;
  }
  const renamed = slots.map((weight) => {
    const kind = kindOf(weight.name);
    const path = weight.name.slice(0, -kind.length);
    return { ...weight, name: `${optimizer}/${path}${snakeCase(ours[kind] ?? kind)}` };
  });
  const kinds = run.kindsFor({ overwriteWithGradient: false });
  const ordered = kinds.flatMap((kind) => renamed.filter(({ name }) => kindOf(name) === kind));
  return [iteration, ...counters.slice(1).map(savedCounter), ...ordered];
}

/** The tensors that `getWeights` gives, kept between saves so that saving leaks nothing. */
export class Weights {
  readonly #copies = new Map<string, tf.Variable>();

  /** As tensors, which change with the next call. */
  named(weights: readonly SavedWeight[]): NamedTensor[] {
    return weights.map((weight) => this.#copy(packed(weight)));
  }

  dispose(): void {
    for (const copy of this.#copies.values()) if (isAlive(copy)) copy.dispose();
    this.#copies.clear();
  }

  #copy({ name, shape, value }: SavedWeight): NamedTensor {
    const dtype = isInt32Array(value) ? "int32" : "float32";
    return tf.tidy(() => {
      // Of a tensor, there is nothing but float32 and int32.
      const tensor = tf.tensor(value.slice() as Float32Array | Int32Array, [...shape], dtype);
      const last = this.#copies.get(name);
      const known = last && isAlive(last) ? last : null; // it may have been disposed of, though it is ours
      if (known && isSame(known.shape, tensor.shape)) {
        known.assign(tensor);
        return { name, tensor: known };
      }
      known?.dispose();
      const copy = tf.variable(tensor, false);
      this.#copies.set(name, copy);
      return { name, tensor: copy };
    });
  }
}
