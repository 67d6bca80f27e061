// Steps in the buffers of TensorFlow.js' webgpu backend: one submit reads and writes tensors where they lie, in the order of
// the backend's own commands.
import * as tf from "@tensorflow/tfjs-core";
import type { Row, ScalarsByType, Step } from "../../engine/engine.js";
import type { GpuArray } from "../../engine/webgpu/array.js";
import { PLAIN_STEP, WebGpuEngine } from "../../engine/webgpu/engine.js";
import { storageBuffersOf } from "../../engine/webgpu/kernels.js";
import type { Plan } from "../../rule/plan.js";
import { type BackendBuffers, buffersOf } from "./backend-buffers.js";
import { COMPOSED } from "./composed.js";
import { type Strategy, withSteadyGradient, written } from "./strategy.js";

/** Null where the backend's buffers cannot be reached. */
export function createInBuffersStrategy(backend: tf.KernelBackend): Strategy | null {
  try {
    const buffers = buffersOf(backend);
    return buffers === null ? null : strategyIn(buffers);
  } catch {
    return null; // Other fields are not what they seem.
  }
}

function strategyIn(buffers: BackendBuffers): Strategy {
  const prepared = new WeakMap<Step<tf.Tensor>, PreparedStep>();
  const { maxStorageBuffersPerShaderStage: most } = buffers.device.limits;
  return {
    suffix: "-fused",
    kind: "fused",
    takes: ({ rows }) => rows.every(({ plan }) => storageBuffersOf(plan, { guarded: false }) <= most),
    place: (make) => make(),
    run: (step) =>
      tf.tidy(() => {
        const own = prepared.get(step) ?? new PreparedStep(buffers, step.scalars);
        prepared.set(step, own);
        own.engine.check();
        const copied = own.fill(step.rows);
        buffers.flush();
        own.engine.run(own, PLAIN_STEP);
        return copied;
      }),
    release: (step) => {
      prepared.get(step)?.engine.dispose();
      prepared.delete(step);
    },
    // The answer is needed at once, and this strategy reads one number.
    allFinite: (step) => COMPOSED.allFinite(step),
  };
}

/** A step as rows of buffers, and what computes them. */
class PreparedStep implements Step<GpuArray> {
  rows: readonly Row<GpuArray>[] = [];
  readonly scalars: ScalarsByType;
  readonly engine: WebGpuEngine;
  readonly #buffers: BackendBuffers;
  readonly #known = new WeakMap<Row<tf.Tensor>, BoundRow>();

  constructor(buffers: BackendBuffers, scalars: ScalarsByType) {
    this.#buffers = buffers;
    this.scalars = scalars;
    this.engine = new WebGpuEngine(buffers.device, "rmsprop/tfjs", () => undefined);
  }

  /** Takes the rows of one step. Returns how many arrays got storage of their own. */
  fill(rows: readonly Row<tf.Tensor>[]): number {
    const steady = rows.map(withSteadyGradient);
    let copied = 0;
    for (const row of steady) copied += unshare(this.#buffers, row);
    this.rows = steady.map((row, i) => this.#locate(row, rows[i] ?? row));
    return copied;
  }

  #locate({ plan, arrays }: Row<tf.Tensor>, key: Row<tf.Tensor>): Row<GpuArray> {
    const found = arrays.map((array) => locate(this.#buffers, array));
    for (const [i, array] of arrays.entries()) if (i !== plan.gradientAt) this.#buffers.forbidCopies(array);
    const { row, gradients } = this.#boundRow(key, plan, found);
    Object.assign(row.arrays, found);
    gradients.add(found[plan.gradientAt]);
    return row;
  }

  /** That of the step before, if all but the gradient is the same: the engine knows what it has bound for it. */
  #boundRow(key: Row<tf.Tensor>, plan: Plan, arrays: readonly GpuArray[]): BoundRow {
    const last = this.#known.get(key);
    const isSame = last?.row.arrays.every((array, i) => i === plan.gradientAt || array === arrays[i]) ?? false;
    if (last && isSame && last.gradients.size <= MOST_GRADIENTS) return last;
    const bound = { row: { plan, arrays: [...arrays] }, gradients: new Set<GpuArray | undefined>() };
    this.#known.set(key, bound);
    return bound;
  }
}

/** A row, and the gradients with which the engine has bound it. */
interface BoundRow {
  readonly row: Row<GpuArray>;
  readonly gradients: Set<GpuArray | undefined>;
}

/** The backend hands its buffers out in changing turns: what is bound for so many of them is made anew. */
const MOST_GRADIENTS = 16;

/** Gives storage of its own to what is written: nobody else may see it change. Returns how many needed it. */
function unshare(buffers: BackendBuffers, { plan, arrays }: Row<tf.Tensor>): number {
  let copied = 0;
  for (const [i, array] of arrays.entries()) {
    if (i === plan.gradientAt || buffers.isOwn(array)) continue;
    written(array).assign(copyOf(buffers, array));
    copied++;
  }
  return copied;
}

function locate(buffers: BackendBuffers, array: tf.Tensor): GpuArray {
  const found = buffers.arrayOf(array) ?? buffers.arrayOf(copyOf(buffers, array));
  if (found === null) throw new Error("rmsprop/tfjs: the webgpu backend made a tensor that is not in a buffer.");
  return found;
}

/** A copy on the device, float32 whatever the original is stored as. */
function copyOf(buffers: BackendBuffers, tensor: tf.Tensor): tf.Tensor {
  buffers.arrayOf(tensor); // from the processor's memory a part is taken there
  return tf.reshape(tf.slice(tf.reshape(tensor, [tensor.size]), [0], [tensor.size]), tensor.shape);
}
