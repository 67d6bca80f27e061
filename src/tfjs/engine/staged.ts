// Steps over copies of tensors: the default engine computes, and what it has written becomes new tensors. For backends whose
// values can be had at once, as numbers in JavaScript's memory.
import * as tf from "@tensorflow/tfjs-core";
import { bufferOf, ownCopy } from "../../check/built-ins.js";
import { defaultEngine } from "../../engine/default-engine.js";
import type { HostArray, Row, Step, Storage } from "../../engine/engine.js";
import { constrainedNumbers } from "./constrained-values.js";
import { type SlotMemory, slotMemoryOf } from "./slot-memory.js";
import { type Strategy, written } from "./strategy.js";

export function createStagedStrategy(backend: tf.KernelBackend): Strategy {
  const engine = defaultEngine();
  // The wasm backend has memory of its own for its tensors.
  const memory = tf.getBackend() === "cpu" ? slotMemoryOf(engine, backend) : null;
  /** All rows are new each time, so that nothing is kept. */
  const once = <T>(step: Step<HostArray>, act: (step: Step<HostArray>) => T): T => {
    try {
      return act(step);
    } finally {
      engine.release?.(step);
    }
  };
  return {
    suffix: "-staged",
    kind: "fused",
    run({ scalars, squares }, rows, constraints) {
      const staged = stagedRows(rows, memory);
      once({ rows: staged, scalars, squares }, (step) => engine.run(step));
      for (const [i, row] of rows.entries()) assign(row, staged[i]?.arrays ?? []);
      for (const each of constraints) {
        const { variable } = each;
        variable.assign(tf.tensor(constrainedNumbers(each, variable.dataSync<"float32">()), variable.shape));
      }
      return 0;
    },
    allFinite: ({ scalars }, rows) =>
      once({ rows: rows.flatMap(gradientRow), scalars }, (step) => engine.allFinite(step)),
    leaving: (array, act) => (memory === null ? act() : memory.leaving(array, act)),
    // What others hold must not change with the slot, nor go with it.
    shareable: (array) => (memory?.of(array) ? tf.tensor(array.dataSync<"float32">().slice(), array.shape) : array),
  };
}

/** The row as far as its gradient goes. */
function gradientRow({ plan, arrays, scalars }: Row<tf.Tensor>): Row<HostArray>[] {
  const gradient = arrays[plan.gradientAt]?.dataSync<"float32">();
  return gradient === undefined ? [] : [{ plan, arrays: arrays.map(() => gradient), scalars }];
}

function stagedRows(rows: readonly Row<tf.Tensor>[], memory: SlotMemory | null): Row<HostArray>[] {
  const staged = rows.map((row) => stagedRow(row, memory));
  const slots = new Set(staged.flatMap(({ arrays }) => arrays.filter(isStorage).map(({ view }) => bufferOf(view))));
  for (const { plan, arrays } of staged) {
    const gradient = arrays[plan.gradientAt];
    // A tensor may have been made of the very numbers of a slot: a step reads them as they were before it.
    if (gradient && !isStorage(gradient) && slots.has(bufferOf(gradient))) arrays[plan.gradientAt] = ownCopy(gradient);
  }
  return staged;
}

function stagedRow({ plan, arrays, scalars, norm }: Row<tf.Tensor>, memory: SlotMemory | null): Row<HostArray> {
  const values = arrays.map((array, i): HostArray => {
    if (i === plan.gradientAt) return array.dataSync<"float32">();
    // Of a variable others may hold the numbers, such as the array that it was made of.
    const own = plan.arrays[i] === "variable" ? null : memory?.arrayOf(array);
    return own ?? ownCopy(array.dataSync<"float32">());
  });
  return { plan, arrays: values, scalars, norm };
}

function assign({ plan, arrays }: Row<tf.Tensor>, values: readonly HostArray[]): void {
  arrays.forEach((array, i) => {
    const value = values[i];
    if (value === undefined || i === plan.gradientAt || isStorage(value)) return;
    written(array).assign(tf.tensor(value as Float32Array, array.shape)); // of tensors
  });
}

const isStorage = (array: HostArray): array is Storage => !ArrayBuffer.isView(array);
