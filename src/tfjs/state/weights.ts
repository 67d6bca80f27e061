// An optimizer's own variables as TensorFlow.js saves and loads them: named tensors, the iteration first.
import * as tf from "@tensorflow/tfjs-core";
import { checkArray } from "../../check/arguments.js";
import { floatTypeOf, isInt32Array } from "../../check/built-ins.js";
import { badKind, StateMismatchError } from "../../check/errors.js";
import { snakeCase } from "../../check/names.js";
import type { RunState } from "../../core/run/run-state.js";
import type { SlotOf } from "../../core/run/target.js";
import { checkedState, copyWeights, type StateVariable } from "../../core/state/state.js";
import { isAlive } from "../engine/engine.js";

/** A tensor and the name of its variable. */
export type NamedTensor = { name: string; tensor: tf.Tensor };

/** One of an optimizer's own variables, under the name by which it is saved: `"rmsprop/dense/kernel/velocity"`. */
export interface NamedVariable {
  readonly name: string;
  /** The variable whose slot this is; null for a counter. */
  readonly owner: tf.Variable | null;
  readonly variable: StateVariable;
  /** The slot itself; null for a counter. */
  readonly slot: tf.Tensor | null;
}

/** A value and its name: a slot in a Float32Array, a counter in an array of its type. */
export interface SavedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: StateVariable["value"];
}

/** An optimizer's own variables, what is no slot before the slots, under the names by which they are saved. */
export function namedVariables(
  optimizer: string,
  variables: readonly StateVariable[],
  slots: readonly SlotOf<tf.Tensor>[],
): NamedVariable[] {
  const counters = variables.filter(({ slot }) => slot === null);
  const others = variables.filter(({ slot }) => slot !== null);
  return [
    ...counters.map((variable, i) => ({ name: i === 0 ? "iter" : variable.path, owner: null, variable, slot: null })),
    ...slots.map(({ name, target: { key, name: owner }, array }, i) => ({
      name: slotName(optimizer, owner, name),
      owner: key as tf.Variable, // optimizers train nothing but variables
      variable: others[i] as StateVariable, // in the order of the slots
      slot: array,
    })),
  ];
}

/** The name under which a slot is saved. */
export function slotName(optimizer: string, variable: string, kind: string): string {
  return `${optimizer}/${variable}/${kind}`;
}

/** The values of named tensors, read from the device. The tensors may be disposed of afterwards. */
export function readWeights(owner: string, weights: readonly NamedTensor[]): Promise<SavedWeight[]> {
  const remedy = "Pass what getWeights() gave.";
  checkArray(owner, "weights", weights, remedy);
  return Promise.all(
    weights.map(async (weight, i) => {
      if (typeof weight?.name !== "string" || !(weight.tensor instanceof tf.Tensor)) {
        const requirement = "be { name, tensor }";
        throw badKind({ owner, argument: `weights[${i}]`, requirement, received: weight, remedy });
      }
      const { name, tensor } = weight;
      const data = await tensor.data();
      const value = isInt32Array(data) ? Int32Array.from(data) : Float32Array.from(data);
      return { name, shape: [...tensor.shape], value };
    }),
  );
}

/** The present values of own variables, and those that still wait for their variables. */
export async function savedWeights(
  own: readonly NamedVariable[],
  waiting: readonly SavedWeight[],
): Promise<SavedWeight[]> {
  const present = own.map(async ({ name, variable, slot }) => {
    const { shape } = variable;
    return { name, shape, value: slot ? await valuesOf(slot) : variable.present() };
  });
  return [...(await Promise.all(present)), ...waiting];
}

/** Values that fit, not restored yet. */
interface Restoration {
  /** The weights that are left, which wait for variables to come. */
  readonly rest: readonly SavedWeight[];
  restore(): void;
}

/**
 * Finds the values of own variables, slots by name or else by their order, and checks them. Throws StateMismatchError and
 * the like; nothing is changed before `restore`.
 */
export function checkedRestore(
  owner: string,
  own: readonly NamedVariable[],
  weights: readonly SavedWeight[],
): Restoration {
  const counters = own.filter((saved) => saved.owner === null);
  const slots = own.filter((saved) => saved.owner !== null);
  const counts = weights.slice(0, counters.length).map(unpacked);
  const rest = weights.slice(counters.length);
  const found = [weightsFor(counters, counts), weightsFor(slots, rest)].flat();
  if (found.some((weight) => weight === null)) throw stateMismatch(owner, own, weights);
  const fitting = found.filter((weight) => weight !== null);
  const variables = [...counters, ...slots].map(({ variable }) => variable);
  const restore = checkedState(owner, variables, copyWeights(owner, fitting));
  const used = new Set(fitting);
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
  owner: string,
  own: readonly NamedVariable[],
  weights: readonly SavedWeight[],
): StateMismatchError {
  const problem = "the state does not fit this optimizer and its variables; nothing was restored.";
  const expected = own.map(({ name, variable }) => `${name} [${variable.shape}]`);
  const received = weights.map(({ name, shape }) => `${name} [${shape}]`);
  return new StateMismatchError(owner, problem, expected, received);
}

/** The weights for own variables, in their order; null for what does not fit. */
function weightsFor(own: readonly NamedVariable[], weights: readonly SavedWeight[]): (SavedWeight | null)[] {
  const found = namedWeights(own, weights, (name) => name) ?? namedWeights(own, weights, plainName);
  const ordered = found ?? (own.length === weights.length ? weights : []);
  return own.map(({ name, variable }, i) => {
    const weight = ordered[i];
    const fits = weight && sameKind(name, weight.name) && tf.util.arraysEqual([...variable.shape], [...weight.shape]);
    return fits ? weight : null;
  });
}

/** A weight of its own for every name, or null. */
function namedWeights(
  own: readonly NamedVariable[],
  weights: readonly SavedWeight[],
  nameOf: (name: string) => string,
): SavedWeight[] | null {
  const byName = new Map(weights.map((weight) => [nameOf(weight.name), weight]));
  const found = new Set(own.flatMap(({ name }) => byName.get(nameOf(name)) ?? []));
  return byName.size === weights.length && found.size === own.length ? [...found] : null;
}

/** Without the number that tells the weights of a layer from those of its namesakes: they may be loaded with another. */
function plainName(name: string): string {
  return name.replace(/(\/[^/]+\/[^/]+)_\d+(\/[^/]+)$/, "$1$2");
}

/** Whether both are velocities, or both averages ...; a name without a path says nothing about it. */
function sameKind(name: string, other: string): boolean {
  return !other.includes("/") || kindOf(name) === kindOf(other);
}

const kindOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/**
 * The weights of the namesake in `tf.train` - iter, then a name and a kind for each slot - under our names, without those that
 * this optimizer has no slots for. Other weights are returned as they are.
 */
export function fromNamesake(
  weights: readonly SavedWeight[],
  optimizer: string,
  counters: readonly NamedVariable[],
  run: Pick<RunState<unknown>, "definition" | "kindsFor">,
): readonly SavedWeight[] {
  const ours = run.definition.namesake?.slots ?? {};
  const [first] = Object.keys(ours); // which it always has
  const [iteration, ...slots] = weights;
  const isTheirs = slots.every(({ name }) => kindOf(name) in ours && name.includes("/"));
  if (iteration === undefined || !isTheirs || slots.length > 0 !== slots.some(({ name }) => kindOf(name) === first)) {
    return weights;
  }
  const own = counters
    .slice(1)
    .map(({ name, variable }) => ({ name, shape: variable.shape, value: variable.present() }));
  const renamed = slots.map((weight) => {
    const kind = kindOf(weight.name);
    const path = weight.name.slice(0, -kind.length);
    return { ...weight, name: `${optimizer}/${path}${snakeCase(ours[kind] ?? kind)}` };
  });
  const kinds = run.kindsFor({ overwriteWithGradient: false });
  const ordered = kinds.flatMap((kind) => renamed.filter(({ name }) => kindOf(name) === kind));
  return [iteration, ...own, ...ordered];
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
      if (known && tf.util.arraysEqual(known.shape, tensor.shape)) {
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

/** What a tensor holds now, whatever is done to it before it is read. A page does not wait for its graphics card. */
async function valuesOf(tensor: tf.Tensor): Promise<Float32Array> {
  const held = tf.keep(tensor.clone());
  try {
    return (await held.data<"float32">()).slice();
  } finally {
    held.dispose();
  }
}
