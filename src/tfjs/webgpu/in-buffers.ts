// Steps in the buffers of TensorFlow.js' webgpu backend: one submit reads and writes tensors where they lie, in the order of
// the backend's own commands.
import type * as tf from "@tensorflow/tfjs-core";
import { Argument } from "../../check/argument.js";
import { blocksOf } from "../../constraints/axis-norm.js";
import { dataOf } from "../../constraints/constraint-data.js";
import type { Row, ScalarsByType, Step } from "../../engine/engine.js";
import type { GpuArray } from "../../engine/webgpu/array.js";
import { contextOf } from "../../engine/webgpu/device.js";
import { PLAIN_STEP, WebGpuEngine } from "../../engine/webgpu/engine.js";
import { type ArrayConstraint, storageBuffersOf } from "../../engine/webgpu/kernels.js";
import { COMPOSED } from "../engine/composed.js";
import type { KerasConstrained } from "../engine/constrained.js";
import { type Strategy, unshare } from "../engine/strategy.js";
import { type BackendBuffers, buffersOf } from "./backend-buffers.js";

/** Null where the backend's buffers cannot be reached. */
export function createInBuffersStrategy(backend: tf.KernelBackend): Strategy | null {
  const buffers = buffersOf(backend);
  if (buffers === null) return null;
  const prepared = new WeakMap<Step<tf.Tensor>, Map<ScalarsByType, PreparedStep>>();
  const prepare = ({ scalars, squares }: Pick<Step<tf.Tensor>, "scalars" | "squares">): PreparedStep => {
    const engine = new WebGpuEngine(buffers.device, "rmsprop/tfjs", () => undefined);
    return { rows: [], scalars, squares, engine, bound: new WeakMap(), constraints: new Map() };
  };
  const { maxStorageBuffersPerShaderStage: most } = buffers.device.limits;
  const { partLength } = contextOf(buffers.device);
  return {
    suffix: "-fused",
    kind: "fused",
    // A norm over rows with other scalars, as of several optimizers together, is no single engine's.
    takes: ({ rows }, constraints) =>
      rows.every(({ plan, norm, scalars }) => storageBuffersOf(plan, { guarded: false }) <= most && norm === scalars) &&
      constraints.every(({ variable }) => variable.size <= partLength), // norms are taken over the whole at once
    run(step, rows, constraints) {
      const parts = prepared.get(step) ?? new Map<ScalarsByType, PreparedStep>();
      prepared.set(step, parts);
      for (const each of step.parts ?? [step]) if (!parts.has(each.scalars)) parts.set(each.scalars, prepare(each));
      const all = [...parts.values()];
      for (const { engine } of all) engine.check();
      const copied = unshare(buffers, rows, constraints);
      for (const own of all) {
        own.rows = rows.flatMap((row, i) => {
          if ((row.scalars ?? step.scalars) !== own.scalars) return [];
          const key = step.rows[i] ?? row;
          const bound = locate(buffers, row, own.bound.get(key));
          own.bound.set(key, bound);
          return bound;
        });
      }
      const last = all.at(-1);
      const following = last ? constraints.map((each) => constraintOf(buffers, last, each)) : [];
      buffers.flush();
      for (const own of all) own.engine.run(own, own === last ? { ...PLAIN_STEP, constraints: following } : PLAIN_STEP);
      return copied;
    },
    release: (step) => {
      for (const { engine, constraints } of prepared.get(step)?.values() ?? []) {
        for (const { cells } of constraints.values()) cells?.buffer.destroy();
        engine.dispose();
      }
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
  /** By variable. */
  readonly constraints: Map<tf.Variable, BoundConstraint>;
}

interface BoundConstraint extends ArrayConstraint {
  readonly of: KerasConstrained;
}

interface BoundRow extends Row<GpuArray> {
  /** The gradients with which the engine has bound it. */
  readonly gradients: Set<GpuArray>;
}

/** The constraint of a variable where that lies now; what was made for it before is kept. */
function constraintOf(
  buffers: BackendBuffers,
  { engine, constraints }: PreparedStep,
  constrained: KerasConstrained,
): ArrayConstraint {
  const { variable, keras } = constrained;
  const array = buffers.locate(variable);
  buffers.forbidCopies(variable);
  const last = constraints.get(variable);
  if (last?.array === array && last.of === constrained) return last;
  const data = dataOf(keras);
  const blocks =
    data.axis === undefined ? null : blocksOf(new Argument(variable.name, "axis"), data.axis, variable.shape);
  const cells = blocks && engine.zeros({ dtype: "float32", shape: [blocks.cellCount], array }, `${array.label}_norms`);
  last?.cells?.buffer.destroy();
  const bound = { array, constraint: data, blocks, cells, of: constrained };
  constraints.set(variable, bound);
  return bound;
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
