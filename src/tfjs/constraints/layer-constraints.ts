// tfjs/constraints/: what the layers of a model demand of their weights, which each step applies.
//
// The constraints that a run knows, by variable, and how a step applies them: Keras' own with its engine, then those that are
// code of the user's.
import * as tf from "@tensorflow/tfjs-core";
import { Verbatim } from "../../check/argument.js";
import { StateError } from "../../check/errors.js";
import { isSame } from "../../check/lists.js";
import type { Call } from "../../core/run/call.js";
import type { RunState } from "../../core/run/run-state.js";
import { isAlive } from "../engine/backends.js";
import type { Constrained, KerasConstrained } from "../engine/constrained.js";
import { written } from "../engine/strategy.js";
import type { LayerWeight } from "./layer-weights.js";

export class LayerConstraints {
  readonly #run: RunState<tf.Tensor>;
  readonly #constrained = new WeakMap<object, Constrained>();
  #isEmpty = true;

  constructor(run: RunState<tf.Tensor>) {
    this.#run = run;
  }

  /** Replaces what is known of these variables. */
  take(weights: readonly LayerWeight[]): void {
    for (const { variable, constrained } of weights) {
      if (constrained === null) this.#constrained.delete(variable);
      else this.#constrained.set(variable, constrained);
      this.#isEmpty &&= constrained === null;
    }
  }

  /** Makes a step, and applies the constraints of the variables that have a gradient in it. One that throws changes nothing. */
  during(call: Call<tf.Tensor>, step: (constraints: readonly KerasConstrained[]) => void): void {
    const found = this.#isEmpty ? NONE : this.#of(call);
    if (found.length === 0) {
      step(NONE);
      return;
    }
    const keras = found.filter(isKeras);
    const own = found.filter((each) => !isKeras(each));
    if (own.length === 0) step(keras);
    else {
      this.#undoable(() => {
        step(keras);
        for (const each of own) this.#applyOwn(each);
      });
    }
  }

  /** As in Keras: of all variables with a gradient, also when it is only gathered. */
  #of({ indices, gradients }: Call<tf.Tensor>): Constrained[] {
    return indices.flatMap((index, i) => {
      const target = gradients[i] === null ? undefined : this.#run.targets[index];
      const constrained = target && this.#constrained.get(target.key);
      return constrained ?? [];
    });
  }

  /** Replaces a variable by what code of the user's makes of it, which may do anything meanwhile. */
  #applyOwn({ variable, constraint }: Constrained): void {
    const { name, shape } = variable;
    tf.tidy(() => {
      const result: unknown = constraint.apply(variable.clone());
      if (!isAlive(variable)) throw new StateError(this.#run.className, `the constraint of ${name} disposed of it.`);
      const isTensor = result instanceof tf.Tensor && !result.isDisposed && result.dtype === "float32";
      if (isTensor && isSame(result.shape, shape)) return variable.assign(result);
      const argument = this.#run.argument(`constraint of ${name}`);
      const received = isTensor ? new Verbatim(`a tensor of shape [${result.shape}]`) : result;
      throw argument.badKind(`return a float32 tensor of shape [${shape}]`, received, "Return the new weights.");
    });
  }

  /** Runs `act`; if it throws, variables and slots are what they were. */
  #undoable(act: () => void): void {
    const arrays = [...this.#run.targets, ...this.#run.slots()].map(({ array }) => array);
    const kept = arrays.map((array) => ({ array: written(array), before: tf.keep(array.clone()) }));
    try {
      act();
    } catch (error) {
      for (const { array, before } of kept) if (isAlive(array)) array.assign(before);
      throw error;
    } finally {
      for (const { before } of kept) before.dispose();
    }
  }
}

const NONE: readonly KerasConstrained[] = [];

const isKeras = (constrained: Constrained): constrained is KerasConstrained => constrained.keras !== null;
