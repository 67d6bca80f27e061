// An optimizer's own variables where slots lie on a device: their values are read in one go, and awaited.

import type { OwnState } from "../core/state/own-state.js";
import { copiesOf, type OptimizerVariable, type SavedArray, type StateVariable } from "../core/state/state.js";
import { ownVariables } from "../core/state/state-variables.js";
import type { GpuRun } from "./run.js";

/** One of an optimizer's own variables: a counter, the learning rate, or a slot of one variable. */
export interface GpuOptimizerVariable extends Omit<OptimizerVariable, "value"> {
  /** The elements in C order, a copy. */
  read(): Promise<SavedArray["value"]>;
}

/** The variables as a user sees them. @internal */
export function readableVariables(run: GpuRun): GpuOptimizerVariable[] {
  const { first, slots, last } = ownVariables(run.config.name, run.state);
  const counters = (list: readonly StateVariable[]) => list.map((each) => readableCounter(each, run));
  const readable = slots.map(({ array, checkHeld, ...slot }) => ({
    ...slot,
    read: async (): Promise<SavedArray["value"]> => {
      await run.ready();
      checkHeld();
      return (await run.engine.readAll([array]))[0] ?? new Float32Array();
    },
  }));
  return [...counters(first), ...readable, ...counters(last)];
}

/** What can be restored, as long as it is known what the device has decided. @internal */
export function ownStateOf(run: GpuRun): OwnState {
  return {
    argument: run.state.argument,
    isBuilt: () => run.built,
    checkUsable: () => {
      run.checkUsable();
      run.checkDecided();
    },
    list: () => readableVariables(run),
  };
}

/** A counter as a user sees it. @internal */
export function readableCounter(counter: StateVariable, run: GpuRun): GpuOptimizerVariable {
  const { name, path, slot, of, shape, check } = counter;
  return {
    ...{ name, path, slot, of, shape, check },
    get dtype() {
      return counter.dtype;
    },
    read: async () => {
      await run.ready();
      return counter.value;
    },
    assign: (values) => {
      run.checkDecided();
      counter.assign(values);
    },
  };
}

/** Copies of all values at one moment, in the order of the variables. @internal */
export async function readValues({ config, state, engine }: GpuRun): Promise<SavedArray[]> {
  const { first, slots, last } = ownVariables(config.name, state);
  const [before, after] = [copiesOf(first), copiesOf(last)];
  const values = await engine.readAll(slots.map(({ array }) => array));
  const saved = slots.map(({ dtype, shape }, i) => ({ dtype, shape, value: values[i] ?? new Float32Array() }));
  return [...before, ...saved, ...after];
}
