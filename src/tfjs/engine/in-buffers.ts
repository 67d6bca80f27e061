// Steps in the buffers of TensorFlow.js' webgpu backend: one submit reads and writes tensors where they lie, in the order of
// the backend's own commands.
import type * as tf from "@tensorflow/tfjs-core";
import type { Row, ScalarsByType, Step } from "../../engine/engine.js";
import type { GpuArray } from "../../engine/webgpu/array.js";
import { PLAIN_STEP, WebGpuEngine } from "../../engine/webgpu/engine.js";
import { storageBuffersOf } from "../../engine/webgpu/kernels.js";
import type { Plan } from "../../rule/plan.js";
import { type BackendBuffers, buffersOf } from "./backend-buffers.js";
import { COMPOSED } from "./composed.js";
import { type Strategy, unshare } from "./strategy.js";

/** Null where the backend's buffers cannot be reached. */
export function createInBuffersStrategy(backend: tf.KernelBackend): Strategy | null {
  const buffers = buffersOf(backend);
  if (buffers === null) return null;
  const prepared = new WeakMap<Step<tf.Tensor>, PreparedStep>();
  const { maxStorageBuffersPerShaderStage: most } = buffers.device.limits;
  return {
    suffix: "-fused",
    kind: "fused",
    takes: ({ rows }) => rows.every(({ plan }) => storageBuffersOf(plan, { guarded: false }) <= most),
    run(step, rows) {
      const own = prepared.get(step) ?? new PreparedStep(buffers, step.scalars);
      prepared.set(step, own);
      own.engine.check();
      const copied = unshare(buffers, rows);
      own.rows = rows.map((row, i) => own.locate(row, step.rows[i] ?? row));
      buffers.flush();
      own.engine.run(own, PLAIN_STEP);
      return copied;
    },
    release: (step) => {
      prepared.get(step)?.engine.dispose();
      prepared.delete(step);
    },
    // The answer is needed at once, and this strategy reads one number.
    allFinite: COMPOSED.allFinite,
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

  /** A row as it is now; `key` is the same from step to step. */
  locate({ plan, arrays }: Row<tf.Tensor>, key: Row<tf.Tensor>): Row<GpuArray> {
    const found = arrays.map((array) => this.#buffers.locate(array));
    for (const [i, array] of arrays.entries()) if (i !== plan.gradientAt) this.#buffers.forbidCopies(array);
    const row = this.#boundRow(key, plan, found);
    Object.assign(row.arrays, found);
    row.gradients.add(found[plan.gradientAt]);
    return row;
  }

  /** That of the step before, if all but the gradient is the same: the engine knows what it has bound for it. */
  #boundRow(key: Row<tf.Tensor>, plan: Plan, arrays: readonly GpuArray[]): BoundRow {
    const last = this.#known.get(key);
    const isSame = last?.arrays.every((array, i) => i === plan.gradientAt || array === arrays[i]) ?? false;
    if (last && isSame && last.gradients.size <= MOST_GRADIENTS) return last;
    const row: BoundRow = { plan, arrays: [...arrays], gradients: new Set() };
    this.#known.set(key, row);
    return row;
  }
}

interface BoundRow extends Row<GpuArray> {
  /** The gradients with which the engine has bound it. */
  readonly gradients: Set<GpuArray | undefined>;
}

/** The backend hands its buffers out in changing turns: what is bound for so many of them is made anew. */
const MOST_GRADIENTS = 16;
