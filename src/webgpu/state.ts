// An optimizer's own variables where slots lie on a device: their values are read in one go, and awaited.

import type { RunState } from "../core/run/run-state.js";
import { copiesOf, type OptimizerVariable, type SavedArray, type StateVariable } from "../core/state/state.js";
import { ownVariables } from "../core/state/state-variables.js";
import type { GpuArray } from "../engine/webgpu/array.js";
import type { WebGpuEngine } from "../engine/webgpu/engine.js";

/** One of an optimizer's own variables: a counter, the learning rate, or a slot of one variable. */
export interface GpuOptimizerVariable extends Omit<OptimizerVariable, "value"> {
  /** The elements in C order, a copy. */
  read(): Promise<SavedArray["value"]>;
}

/** An optimizer whose counters may depend on what the device has not told yet. */
interface Decides {
  /** When they are known. */
  ready(): Promise<void>;
  /** Throws until they are known. */
  checkDecided(): void;
}

/** The variables as a user sees them. */
export function readableVariables(
  optimizer: Decides & { readonly name: string },
  run: RunState<GpuArray>,
  engine: WebGpuEngine,
): GpuOptimizerVariable[] {
  const { first, slots, last } = ownVariables(optimizer.name, run);
  const counters = (list: readonly StateVariable[]) => list.map((each) => readableCounter(each, optimizer));
  const readable = slots.map(({ array, checkHeld, ...slot }) => ({
    ...slot,
    read: async (): Promise<SavedArray["value"]> => {
      await optimizer.ready();
      checkHeld();
      return (await engine.readAll([array]))[0] ?? new Float32Array();
    },
  }));
  return [...counters(first), ...readable, ...counters(last)];
}

/** A counter as a user sees it. */
export function readableCounter(counter: StateVariable, optimizer: Decides): GpuOptimizerVariable {
  const { name, path, slot, of, shape, check } = counter;
  return {
    ...{ name, path, slot, of, shape, check },
    get dtype() {
      return counter.dtype;
    },
    read: async () => {
      await optimizer.ready();
      return counter.value;
    },
    assign: (values) => {
      optimizer.checkDecided();
      counter.assign(values);
    },
  };
}

/** Copies of all values at one moment, in the order of the variables. */
export async function readValues(name: string, run: RunState<GpuArray>, engine: WebGpuEngine): Promise<SavedArray[]> {
  const { first, slots, last } = ownVariables(name, run);
  const [before, after] = [copiesOf(first), copiesOf(last)];
  const values = await engine.readAll(slots.map(({ array }) => array));
  const saved = slots.map(({ dtype, shape }, i) => ({ dtype, shape, value: values[i] ?? new Float32Array() }));
  return [...before, ...saved, ...after];
}
