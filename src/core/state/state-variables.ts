// The list of an optimizer's own variables, made from its counters and slots. What is done with the list is in state.ts.

import { type Argument, adviceFor } from "../../check/argument.js";
import { StateError } from "../../check/errors.js";
import { sizeOf } from "../../check/lists.js";
import { snakeCase } from "../../check/names.js";
import type { FloatArray, HostReadable } from "../../engine/engine.js";
import type { DType } from "../../rule/plan.js";
import { flatNumbers } from "../nested-numbers.js";
import type { RunState } from "../run/run-state.js";
import type { SlotOf } from "../run/target.js";
import { checkScale, type DynamicScale, lossScaleArgument } from "../scale/dynamic-scale.js";
import type { StateVariable } from "./state.js";

/** A slot as far as it can be listed, checked and written wherever it lies. */
export interface SlotVariable<A> extends Omit<StateVariable, "value" | "present"> {
  readonly array: A;
}

/** All variables in Keras' order, where values can be read at once. */
export function stateVariables<A>(optimizer: string, run: RunState<A>, engine: HostReadable<A>): StateVariable[] {
  const { first, slots, last } = ownVariables(optimizer, run);
  return [...first, ...slots.map((slot) => readableSlot(slot, engine)), ...last];
}

/** All variables in Keras' order: the slots, and the counters before and after them. */
export function ownVariables<A>(
  optimizer: string,
  run: RunState<A>,
): { readonly first: StateVariable[]; readonly slots: SlotVariable<A>[]; readonly last: StateVariable[] } {
  const iteration = counter(run.argument("iteration"), optimizer, COUNT, field(run, "calls"));
  const learningRate = counter(run.argument("learning_rate"), optimizer, RATE, {
    get: () => run.currentLearningRate(),
    set: (value) => run.learningRate.set(value),
  });
  const numbers = Object.keys(run.definition.state ?? {}).map((name) => {
    const set = (value: number) => {
      run.state = { ...run.state, [name]: value };
    };
    const place = { get: () => run.state[name] ?? Number.NaN, set };
    return counter(run.argument(snakeCase(name)), optimizer, NUMBERS[run.stateDType], place);
  });
  return {
    // Keras keeps a learning rate in the optimizer's variables only when it is a number.
    first: typeof run.learningRate.source === "number" ? [iteration, learningRate] : [iteration],
    slots: run.slots().map((slot) => slotVariable(optimizer, run, slot)),
    last: numbers,
  };
}

/** The own variables of a LossScaleOptimizer in Keras' order: an iteration and a learning rate that stay 0 come first. */
export function scaleVariables(optimizer: string, scale: DynamicScale): StateVariable[] {
  const nothing = { get: () => 0, set: () => undefined };
  return [
    counter(lossScaleArgument("iteration"), optimizer, COUNT, nothing),
    counter(lossScaleArgument("learning_rate"), optimizer, RATE, nothing),
    counter(lossScaleArgument("step_counter"), optimizer, COUNT, field(scale, "steps")),
    counter(lossScaleArgument("dynamic_scale"), optimizer, SCALE, field(scale, "scale")),
  ];
}

/** Where a counter is kept. */
interface Place {
  readonly get: () => number;
  readonly set: (value: number) => void;
}

function field<Name extends string>(holder: Record<Name, number>, name: Name): Place {
  const set = (value: number): void => {
    holder[name] = value;
  };
  return { get: () => holder[name], set };
}

/** A type of counter: which numbers it may be, and how it shows itself. */
interface CounterKind {
  /** The number, or an error. */
  checked(argument: Argument, value: unknown): number;
  dtypeOf(value: number): StateVariable["dtype"];
}

/** Every number up to here is whole and exact; a count that has come so far stays there. */
const GREATEST_COUNT = 2 ** 53;
const GREATEST_INT32 = 2 ** 31 - 1;

const COUNT: CounterKind = {
  checked: (argument, value) => argument.number(value, { min: 0, max: GREATEST_COUNT, integer: true }),
  dtypeOf: (value) => (value > GREATEST_INT32 ? "int64" : "int32"),
};
const RATE: CounterKind = {
  checked: (argument, value) => checkFloat32(argument, argument.number(value), "Pass one such as 0.001."),
  dtypeOf: () => "float32",
};
/** A number of the whole optimizer, by the type of its first variable. */
const NUMBERS: Readonly<Record<DType, CounterKind>> = {
  float32: RATE,
  float64: { checked: (argument, value) => argument.number(value), dtypeOf: () => "float64" },
};
const SCALE: CounterKind = {
  checked: (argument, value) => checkFloat32(argument, checkScale(argument, value), MEANT),
  dtypeOf: () => "float32",
};

/** What to do about a number that would become infinite. */
const MEANT = "Pass Infinity itself where it is meant.";

/** Arrays for the numbers of each type: whole ones that need more than 32 bits are exact in a Float64Array. */
const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: Float64Array } as const;

/** A variable of one number that is kept as a plain number. */
function counter(argument: Argument, optimizer: string, kind: CounterKind, place: Place): StateVariable {
  const { name } = argument;
  const checked = (values: ArrayLike<number>): number => {
    checkLength(argument, values, 1);
    return kind.checked(argument, values[0]);
  };
  const present = () => {
    const value = place.get();
    return ARRAYS[kind.dtypeOf(value)].of(value);
  };
  return {
    name,
    path: `${optimizer}/${name}`,
    shape: [],
    slot: null,
    of: null,
    present,
    checkHeld: () => undefined,
    check: (values) => {
      checked(values);
    },
    get dtype() {
      return kind.dtypeOf(place.get());
    },
    get value() {
      return present();
    },
    assign: (values) => place.set(checked(values)),
  };
}

function slotVariable<A>(optimizer: string, run: RunState<A>, slot: SlotOf<A>): SlotVariable<A> {
  const { target, array } = slot;
  const { shape, dtype } = target;
  const name = `${target.name.replaceAll("/", "_")}_${slot.name}`;
  const size = sizeOf(shape);
  const argument = run.argument(name);
  const checkHeld = () => {
    if (run.holds(slot)) return;
    const problem = `${name} is gone: the optimizer was disposed, or built anew. Ask for variables again.`;
    throw new StateError(run.className, problem);
  };
  const check = (values: ArrayLike<number>) => {
    checkHeld();
    checkLength(argument, values, size);
    checkElements(argument, values, dtype);
  };
  return {
    name,
    path: `${optimizer}/${name}`,
    shape,
    dtype,
    slot: slot.name,
    of: target.key,
    array,
    check,
    checkHeld,
    assign: (values) => {
      const numbers = flatNumbers(argument, values);
      check(numbers);
      run.engine.write(array, numbers);
    },
  };
}

function readableSlot<A>({ array, ...slot }: SlotVariable<A>, engine: HostReadable<A>): StateVariable {
  return {
    ...slot,
    get value(): FloatArray {
      slot.checkHeld();
      return engine.expose(array);
    },
    present: () => {
      slot.checkHeld();
      return engine.read(array);
    },
  };
}

function checkLength(argument: Argument, values: ArrayLike<number>, length: number): void {
  if (values.length === length) return;
  throw argument.badValue(`have ${length} elements`, values, "Pass them in one flat array.");
}

/** Throws for elements that are no numbers, and for those that an array of this type would make infinite. */
function checkElements(argument: Argument, values: ArrayLike<unknown>, dtype: DType): void {
  if (values instanceof ARRAYS[dtype]) return;
  for (let i = 0; i < values.length; i++) {
    const received = values[i];
    if (typeof received !== "number") throw argument.at(i).badKind("be a number", received, adviceFor(received));
    if (dtype === "float32" && overflows(received)) throw tooLarge(argument.at(i), received, MEANT);
  }
}

function checkFloat32(argument: Argument, received: number, remedy: string): number {
  if (overflows(received)) throw tooLarge(argument, received, remedy);
  return Math.fround(received);
}

function tooLarge(argument: Argument, received: number, remedy: string): RangeError {
  return argument.badValue("be a number that float32 holds", received, remedy);
}

const overflows = (value: number): boolean => Number.isFinite(value) && !Number.isFinite(Math.fround(value));
