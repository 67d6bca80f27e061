// Steps in the buffers of TensorFlow.js' webgpu backend: one submit reads and writes tensors where they lie, in the order of
// the backend's own commands.
import type * as tf from "@tensorflow/tfjs-core";
import type { Row, ScalarsByType, Step } from "../../engine/engine.js";
import type { GpuArray } from "../../engine/webgpu/array.js";
import { PLAIN_STEP, WebGpuEngine } from "../../engine/webgpu/engine.js";
import { storageBuffersOf } from "../../engine/webgpu/kernels.js";
import { COMPOSED } from "../engine/composed.js";
import { type Strategy, unshare } from "../engine/strategy.js";
import { type BackendBuffers, buffersOf } from "./backend-buffers.js";

/** Null where the backend's buffers cannot be reached. */
export function createInBuffersStrategy(backend: tf.KernelBackend): Strategy | null {
  const buffers = buffersOf(backend);
  if (buffers === null) return null;
  const prepared = new WeakMap<Step<tf.Tensor>, Map<ScalarsByType, PreparedStep>>();
  const prepare = ({ scalars }: Step<tf.Tensor>): PreparedStep => {
    const engine = new WebGpuEngine(buffers.device, "rmsprop/tfjs", () => undefined);
    return { rows: [], scalars, engine, bound: new WeakMap() };
  };
  const { maxStorageBuffersPerShaderStage: most } = buffers.device.limits;
  return {
    suffix: "-fused",
    kind: "fused",
    // A norm over rows with other scalars, as of several optimizers together, is no single engine's.
    takes: ({ rows }) =>
      rows.every(({ plan, norm, scalars }) => storageBuffersOf(plan, { guarded: false }) <= most && norm === scalars),
    run(step, rows) {
      const parts = prepared.get(step) ?? new Map<ScalarsByType, PreparedStep>();
      prepared.set(step, parts);
      for (const { scalars = step.scalars } of rows) {
        if (!parts.has(scalars)) parts.set(scalars, prepare({ rows, scalars }));
      }
      for (const { engine } of parts.values()) engine.check();
      const copied = unshare(buffers, rows);
      for (const [scalars, own] of parts) {
        own.rows = rows.flatMap((row, i) => {
          if ((row.scalars ?? step.scalars) !== scalars) return [];
          const key = step.rows[i] ?? row;
          const bound = locate(buffers, row, own.bound.get(key));
          own.bound.set(key, bound);
          return bound;
        });
      }
      buffers.flush();
      for (const own of parts.values()) own.engine.run(own, PLAIN_STEP);
      return copied;
    },
    release: (step) => {
      for (const { engine } of prepared.get(step)?.values() ?? []) engine.dispose();
      prepared.delete(step);
    },
    // The answer is needed at once, and this strategy reads one number.
    allFinite: COMPOSED.allFinite,
  };
}

/** A step of one optimizer as rows of buffers, and what computes them. */
interface PreparedStep extends Step<GpuArray> {
  rows: readonly BoundRow[];
  readonly engine: WebGpuEngine;
  /** By rows that are the same from step to step. */
  readonly bound: WeakMap<Row<tf.Tensor>, BoundRow>;
}

interface BoundRow extends Row<GpuArray> {
  /** The gradients with which the engine has bound it. */
  readonly gradients: Set<GpuArray>;
}

/** A row as it is now; `last` is that of the step before. */
function locate(buffers: BackendBuffers, { plan, arrays }: Row<tf.Tensor>, last: BoundRow | undefined): BoundRow {
  const found = arrays.map((array) => buffers.locate(array));
  for (const [i, array] of arrays.entries()) if (i !== plan.gradientAt) buffers.forbidCopies(array);
  const row = last && isBoundTo(last, found) ? last : { plan, arrays: found, gradients: new Set<GpuArray>() };
  const gradient = found[plan.gradientAt];
  if (gradient === undefined) return row;
  row.arrays[plan.gradientAt] = gradient;
  row.gradients.add(gradient);
  return row;
}

/** The backend hands its buffers out in changing turns: what is bound for so many of them is made anew. */
const MOST_GRADIENTS = 16;

/** Whether all but the gradient is the same: the engine knows what it has bound for the row. */
function isBoundTo({ plan, arrays, gradients }: BoundRow, found: readonly GpuArray[]): boolean {
  const isSame = arrays.every((array, i) => i === plan.gradientAt || array === found[i]);
  return isSame && gradients.size <= MOST_GRADIENTS;
}
