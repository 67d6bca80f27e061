// The variables that an optimizer trains: they come with their first gradient, and go when they are disposed of.
import type * as tf from "@tensorflow/tfjs-core";
import { badValue } from "../check/errors.js";
import type { RunState } from "../core/run/run-state.js";
import type { Target } from "../core/run/target.js";
import { isAlive } from "./engine/engine.js";

/** Makes slots for variables that were not seen before. */
export function addVariables(
  run: RunState<tf.Tensor>,
  fresh: readonly tf.Variable[],
  decays: (name: string, key: object) => boolean,
): void {
  run.add(fresh.map(targetOf), ({ name, key }) => decays(name, key));
  // Only in the first update Keras' average forgets the zero that it starts from.
  for (const variable of run.calls > 0 ? fresh : []) {
    const average = run.averageOf(run.indexOf(variable));
    if (average !== null) run.engine.copy(variable, average);
  }
}

/** A variable whose model was disposed of takes its slots with it. */
export function forgetDisposed(run: RunState<tf.Tensor>): void {
  run.remove(run.targets.filter(({ array }) => !isAlive(array)).map(({ key }) => key));
}

/** A variable as a run sees it. */
function targetOf(variable: tf.Variable): Target<tf.Tensor> {
  const { name, shape } = variable;
  return { key: variable, name, shape, dtype: "float32", array: variable, overwriteWithGradient: false };
}

/** The error for a variable that the optimizer has no state for. */
export function untrained(owner: string, { name }: tf.Variable, known: readonly tf.Variable[]): RangeError {
  const requirement = "be one that this optimizer has trained";
  const remedy = `It knows ${known.map((each) => each.name).join(", ") || "none yet"}.`;
  return badValue({ owner, argument: "variable", requirement, received: name, remedy });
}
