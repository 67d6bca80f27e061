// An optimizer's own variables as TensorFlow.js saves and loads them: named tensors, the iteration first.
import * as tf from "@tensorflow/tfjs-core";
import { StateMismatchError } from "../optimizer/errors.js";
import { loadState, type OptimizerVariable, type Weight } from "../optimizer/state.js";

export type NamedTensor = { name: string; tensor: tf.Tensor };

/** Values read from tensors, with the names they had. */
export interface ReadWeights {
  readonly names: readonly string[];
  readonly values: readonly SavedWeight[];
}

interface SavedWeight {
  readonly shape: readonly number[];
  readonly value: Float32Array;
}

/** The values of named tensors, read from the device. The tensors may be disposed of afterwards. */
export async function readWeights(weights: readonly NamedTensor[]): Promise<ReadWeights> {
  const values = await Promise.all(
    weights.map(async ({ tensor }) => ({ shape: [...tensor.shape], value: Float32Array.from(await tensor.data()) })),
  );
  return { names: weights.map(({ name }) => name), values };
}

/** The tensors that `getWeights` gives, kept between saves so that saving leaks nothing. */
export class Weights {
  readonly #copies = new Map<string, tf.Variable>();

  /** The present values, and those that still wait for their variables. They change with the next call. */
  named(variables: readonly OptimizerVariable[], pending: PendingWeights | null): NamedTensor[] {
    const own = variables.map((variable, i) => this.#copy(i === 0 ? "iter" : variable.path, variable));
    const waiting = pending === null ? [] : pending.slots.map(({ name, weight }) => this.#copy(name, weight));
    return [...own, ...waiting];
  }

  dispose(): void {
    for (const copy of this.#copies.values()) copy.dispose();
    this.#copies.clear();
  }

  #copy(name: string, { shape, value }: Pick<OptimizerVariable, "shape" | "value">): NamedTensor {
    const dtype = value instanceof Int32Array ? "int32" : "float32";
    return tf.tidy(() => {
      const tensor = tf.tensor(value.slice() as Float32Array, [...shape], dtype);
      const known = this.#copies.get(name);
      const copy = known ?? tf.variable(tensor, false);
      if (known) known.assign(tensor);
      this.#copies.set(name, copy);
      return { name, tensor: copy };
    });
  }
}

/** Weights that were set before the variables are known: found by name, else by their order. */
export class PendingWeights {
  readonly counters: readonly Weight[];
  readonly slots: readonly { readonly name: string; readonly weight: SavedWeight }[];
  readonly #owner: string;

  constructor(owner: string, read: ReadWeights, counters: readonly OptimizerVariable[], slotNames: readonly string[]) {
    this.#owner = owner;
    const { names, values } = isFromTfTrain(read.names) ? fromTfTrain(read, counters, slotNames) : read;
    this.counters = values.slice(0, counters.length);
    this.slots = values.slice(counters.length).map((weight, i) => ({ name: names[counters.length + i] ?? "", weight }));
  }

  get all(): Weight[] {
    return [...this.counters, ...this.slots.map(({ weight }) => weight)];
  }

  /** Gives new slots their values. Returns what still waits, or null. Throws StateMismatchError. */
  restore(own: readonly OptimizerVariable[]): PendingWeights | null {
    if (this.slots.length === 0) return null;
    const byName = new Map(this.slots.map(({ name, weight }) => [name, weight]));
    const named = own.filter(({ path }) => byName.has(path));
    if (own.length === this.slots.length && named.length < own.length) {
      loadState(
        this.#owner,
        own,
        this.slots.map(({ weight }) => weight),
      );
      return null;
    }
    if (named.length < own.length) {
      const problem = "the loaded state does not fit the variables to train; nothing was restored.";
      throw new StateMismatchError(
        this.#owner,
        problem,
        own.map(describe),
        this.slots.map(({ name, weight }) => describe({ path: name, ...weight })),
      );
    }
    loadState(
      this.#owner,
      named,
      named.map(({ path }) => byName.get(path) as SavedWeight),
    );
    const used = new Set(named.map(({ path }) => path));
    return this.#without(used);
  }

  #without(used: ReadonlySet<string>): PendingWeights | null {
    const left = this.slots.filter(({ name }) => !used.has(name));
    if (left.length === 0) return null;
    const read = { names: left.map(({ name }) => name), values: left.map(({ weight }) => weight) };
    return new PendingWeights(this.#owner, read, [], []);
  }
}

const describe = ({ path, shape }: { readonly path: string; readonly shape: readonly number[] }): string =>
  `${path} [${shape}]`;

/** Whether these are the weights of `tf.train.rmsprop`: iter, then name/rms, name/momentum and name/mg. */
function isFromTfTrain(names: readonly string[]): boolean {
  return names.length > 1 && names.slice(1).every((name) => /\/(rms|momentum|mg)$/.test(name));
}

const TF_SUFFIXES: Readonly<Record<string, string>> = {
  velocity: "/rms",
  momentum: "/momentum",
  averageGradient: "/mg",
};

/** The weights of `tf.train.rmsprop` in our order: those of the slots that are there, after our counters. */
function fromTfTrain(
  { names, values }: ReadWeights,
  counters: readonly OptimizerVariable[],
  slotNames: readonly string[],
): ReadWeights {
  const own = counters
    .slice(1)
    .map(({ path, shape, value }) => ({ name: path, weight: { shape, value: Float32Array.from(value) } }));
  const first = values.slice(0, 1).map((weight) => ({ name: "iter", weight }));
  const all = values.map((weight, i) => ({ name: names[i] ?? "", weight }));
  const slots = slotNames.flatMap((slot) => all.filter(({ name }) => name.endsWith(TF_SUFFIXES[slot] ?? slot)));
  const ordered = [...first, ...own, ...slots];
  return { names: ordered.map(({ name }) => name), values: ordered.map(({ weight }) => weight) };
}
