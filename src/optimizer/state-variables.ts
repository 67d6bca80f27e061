// The list of an optimizer's own variables, made from its counters and slots. What is done with the list is in state.ts.

import type { FloatArray } from "../engine/engine.js";
import { checkNumber, type NumberRule } from "./checks.js";
import type { DynamicScale } from "./dynamic-scale.js";
import { badValue, StateError } from "./errors.js";
import { sizeOf } from "./lists.js";
import { flatNumbers } from "./nested.js";
import type { OptimizerVariable } from "./state.js";
import type { SlotOf, Trainer } from "./trainer.js";

/** All variables in Keras' order. `A` is any array that the trainer's engine can read and write. */
export function optimizerVariables<A>(optimizer: string, trainer: Trainer<A>): OptimizerVariable[] {
  const iteration = counter(trainer.className, optimizer, COUNTERS.iteration, {
    get: () => trainer.calls,
    set: (value) => {
      trainer.calls = value;
    },
  });
  const learningRate = counter(trainer.className, optimizer, COUNTERS.learningRate, {
    get: () => trainer.currentLearningRate(),
    set: (value) => trainer.learningRate.set(value),
  });
  const slots = trainer.slots().map((slot) => slotVariable(optimizer, trainer, slot));
  return [iteration, ...(trainer.learningRate.isNumber ? [learningRate] : []), ...slots];
}

/** The own variables of a LossScaleOptimizer in Keras' order: an iteration and a learning rate that stay 0 come first. */
export function scaleVariables(owner: string, optimizer: string, scale: DynamicScale): OptimizerVariable[] {
  const nothing = { get: () => 0, set: () => undefined };
  return [
    counter(owner, optimizer, COUNTERS.iteration, nothing),
    counter(owner, optimizer, COUNTERS.learningRate, nothing),
    counter(owner, optimizer, COUNTERS.stepCounter, {
      get: () => scale.steps,
      set: (value) => {
        scale.steps = value;
      },
    }),
    counter(owner, optimizer, COUNTERS.dynamicScale, {
      get: () => scale.scale,
      set: (value) => {
        scale.scale = Math.fround(value);
      },
    }),
  ];
}

interface Counter {
  readonly name: string;
  readonly dtype: "int32" | "float32";
  readonly rule: NumberRule;
}

/** The counters of all optimizers, and which numbers they may be. */
const COUNTERS: Readonly<Record<"iteration" | "learningRate" | "stepCounter" | "dynamicScale", Counter>> = {
  iteration: { name: "iteration", dtype: "int32", rule: { min: 0, integer: true } },
  learningRate: { name: "learning_rate", dtype: "float32", rule: {} },
  stepCounter: { name: "step_counter", dtype: "int32", rule: { min: 0, integer: true } },
  dynamicScale: { name: "dynamic_scale", dtype: "float32", rule: { min: 0 } },
};

/** A variable of one number that is kept as a plain number. */
function counter(
  owner: string,
  optimizer: string,
  { name, dtype, rule }: Counter,
  { get, set }: { readonly get: () => number; readonly set: (value: number) => void },
): OptimizerVariable {
  const checked = (values: ArrayLike<number>): number => {
    checkLength(owner, name, values, 1);
    return checkNumber(owner, name, values[0], rule);
  };
  return {
    ...{ name, path: `${optimizer}/${name}`, shape: [], dtype, slot: null, of: null },
    check: (values) => {
      checked(values);
    },
    get value() {
      return dtype === "int32" ? Int32Array.of(get()) : Float32Array.of(get());
    },
    assign: (values) => set(checked(values)),
  };
}

function slotVariable<A>(optimizer: string, trainer: Trainer<A>, slot: SlotOf<A>): OptimizerVariable {
  const { target, array } = slot;
  const { className: owner } = trainer;
  const name = `${target.name.replaceAll("/", "_")}_${slot.name}`;
  const size = sizeOf(target.shape);
  const check = (values: ArrayLike<number>) => {
    if (!trainer.holds(slot)) {
      throw new StateError(
        owner,
        `${name} is gone: the optimizer was disposed, or built anew. Ask for variables again.`,
      );
    }
    checkLength(owner, name, values, size);
  };
  return {
    ...{ name, path: `${optimizer}/${name}`, shape: target.shape, dtype: target.dtype, check },
    ...{ slot: slot.name, of: target.key },
    get value(): FloatArray {
      check({ length: size });
      return trainer.engine.expose(array);
    },
    assign: (values) => {
      const numbers = flatNumbers(owner, name, values);
      check(numbers);
      trainer.engine.write(array, numbers);
    },
  };
}

function checkLength(owner: string, argument: string, values: ArrayLike<number>, length: number): void {
  if (values.length === length) return;
  const requirement = `have ${length} elements`;
  throw badValue({ owner, argument, requirement, received: values, remedy: "Pass them in one flat array." });
}
