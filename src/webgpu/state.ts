// An optimizer's own variables where slots lie on a device: their values are read in one go, and awaited.

import type { RunState } from "../core/run/run-state.js";
import { copiesOf, type OptimizerVariable, type SavedArray, type StateVariable } from "../core/state/state.js";
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
export function readable(
  variables: readonly StateVariable[],
  run: RunState<GpuArray>,
  engine: WebGpuEngine,
  optimizer: Decides,
): GpuOptimizerVariable[] {
  const slots = slotArrays(variables, run);
  return variables.map((variable, i) => {
    const array = slots[i] ?? null;
    if (array === null) return readableCounter(variable, optimizer);
    const read = async (): Promise<SavedArray["value"]> => {
      await optimizer.ready();
      variable.checkHeld();
      return (await engine.readAll([array]))[0] ?? new Float32Array();
    };
    return { ...withoutValue(variable), read };
  });
}

/** A counter as a user sees it. */
export function readableCounter(counter: StateVariable, optimizer: Decides): GpuOptimizerVariable {
  return {
    ...withoutValue(counter),
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

function withoutValue(variable: OptimizerVariable): Omit<OptimizerVariable, "value"> {
  const { name, path, slot, of, shape, dtype, check, assign } = variable;
  return { name, path, slot, of, shape, dtype, check, assign };
}

/** Copies of all values at one moment. */
export async function readVariables(
  variables: readonly StateVariable[],
  run: RunState<GpuArray>,
  engine: WebGpuEngine,
): Promise<SavedArray[]> {
  const slots = slotArrays(variables, run);
  const counters = copiesOf(variables.filter((_, i) => slots[i] === null));
  const own = variables.slice(counters.length);
  const values = await engine.readAll(slots.filter((array) => array !== null));
  return [...counters, ...own.map(({ dtype, shape }, i) => ({ dtype, shape, value: values[i] ?? new Float32Array() }))];
}

/** The array of each variable that is a slot; null for counters, which come first. */
function slotArrays(variables: readonly OptimizerVariable[], run: RunState<GpuArray>): (GpuArray | null)[] {
  const slots = run.slots();
  const counters = variables.length - slots.length;
  return variables.map((_, i) => slots[i - counters]?.array ?? null);
}
