// The list of an optimizer's own variables, made from its counters and slots. What is done with the list is in state.ts.
import type { FloatArray } from "../engine/engine.js";
import type { OptimizerVariable } from "./state.js";
import type { SlotOf, Trainer } from "./trainer.js";

/** All variables in Keras' order. `A` is any array that the trainer's engine can read and write. */
export function optimizerVariables<A>(optimizer: string, trainer: Trainer<A>): OptimizerVariable[] {
  const iteration = counter(
    optimizer,
    "iteration",
    "int32",
    () => trainer.calls,
    (value) => {
      trainer.calls = value;
    },
  );
  const learningRate = counter(
    optimizer,
    "learning_rate",
    "float32",
    () => trainer.currentLearningRate(),
    (value) => {
      trainer.learningRate.set(value);
    },
  );
  const slots = trainer.slots().map((slot) => slotVariable(optimizer, trainer, slot));
  return [iteration, ...(trainer.learningRate.isNumber ? [learningRate] : []), ...slots];
}

/** A variable of one number that is kept as a plain number. */
export function counter(
  optimizer: string,
  name: string,
  dtype: "int32" | "float32",
  get: () => number,
  set: (value: number) => void,
): OptimizerVariable {
  return {
    ...{ name, path: `${optimizer}/${name}`, shape: [], dtype },
    get value() {
      return dtype === "int32" ? Int32Array.of(get()) : Float32Array.of(get());
    },
    assign: (values) => set(Number(values[0])),
  };
}

function slotVariable<A>(
  optimizer: string,
  { engine }: Trainer<A>,
  { name, target, array }: SlotOf<A>,
): OptimizerVariable {
  const own = `${target.name.replaceAll("/", "_")}_${name}`;
  return {
    ...{ name: own, path: `${optimizer}/${own}`, shape: target.shape, dtype: target.dtype },
    get value(): FloatArray {
      return engine.read(array);
    },
    assign: (values) => engine.write(array, values),
  };
}
