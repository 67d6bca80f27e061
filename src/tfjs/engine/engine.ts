// An engine whose arrays are tensors. How a step runs depends on the backend: fused and in place in the wasm backend's own
// memory, in-place.ts, or in the webgpu backend's buffers, in-buffers.ts; fused over copies where arrays can be had at once,
// staged.ts; else composed.ts.
import * as tf from "@tensorflow/tfjs-core";
import type { Engine } from "../../engine/engine.js";
import { COMPOSED } from "./composed.js";
import { createInBuffersWay } from "./in-buffers.js";
import { createInPlaceWay } from "./in-place.js";
import { createStagedWay } from "./staged.js";
import { type Way, written } from "./strategy.js";

/** Steps and copies that an optimizer has made so far. */
export interface StepCounts {
  /** Steps that ran as one kernel over each variable. */
  readonly fused: number;
  /** Steps that were made of TensorFlow.js' own operations. */
  readonly composed: number;
  /** Variables and slots that got storage of their own before a step, since a clone or a snapshot shared theirs. */
  readonly copied: number;
}

export interface TensorEngine extends Engine<tf.Tensor> {
  readonly counts: StepCounts;
}

/** Tensors of the gradients, variables of everything that is written. */
export function createTensorEngine(): TensorEngine {
  const counts = { fused: 0, composed: 0, copied: 0 };
  const used = new Set<Way>();
  return {
    counts,
    get name() {
      return `tfjs-${tf.getBackend()}${wayOf(tf.backend()).suffix}`;
    },
    zeros: ({ shape }) => wayOf(tf.backend()).place(() => tf.tidy(() => tf.variable(tf.zeros([...shape]), false))),
    free: (array) => {
      // tf.disposeVariables() may have been there first, and to dispose of a variable twice takes its data from others.
      if (!(array instanceof tf.Variable) || isAlive(array)) array.dispose();
    },
    release: (batch) => {
      for (const way of used) way.release(batch);
    },
    run(batch, scalars) {
      const usual = wayOf(tf.backend());
      const way = usual.takes(batch) ? usual : COMPOSED;
      used.add(way);
      counts.copied += way.run(batch, scalars);
      counts[way.kind]++;
    },
    allFinite: (gradients) => wayOf(tf.backend()).allFinite(gradients.filter((gradient) => gradient !== null)),
    // On the cpu backend these are the numbers that a later step may write.
    expose: (array) => array.dataSync<"float32">().slice(),
    read: (array) => array.dataSync<"float32">(),
    write: (array, values) => tf.tidy(() => written(array).assign(tf.tensor(Float32Array.from(values), array.shape))),
    copy: (from, to) => {
      if (isAlive(to)) written(to).assign(from);
    },
    clone: (array) => tf.keep(array.clone()),
  };
}

/** Whether a variable is one that can be used. tf.disposeVariables() does not tell the variables. */
export function isAlive(array: tf.Tensor): boolean {
  return !array.isDisposed && tf.engine().registeredVariables[written(array).name] === array;
}

const FUSED_FLAG = "RMSPROP_FUSED";
tf.env().registerFlag(FUSED_FLAG, () => true);

const ways = new WeakMap<tf.KernelBackend, Way>();

function wayOf(backend: tf.KernelBackend): Way {
  if (!tf.env().getBool(FUSED_FLAG)) return COMPOSED;
  const known = ways.get(backend) ?? CREATE[tf.getBackend()]?.(backend) ?? COMPOSED;
  ways.set(backend, known);
  return known;
}

/** By the name of the backend. */
const CREATE: Readonly<Record<string, (backend: tf.KernelBackend) => Way>> = {
  wasm: (backend) => createInPlaceWay(backend) ?? createStagedWay(),
  webgpu: (backend) => createInBuffersWay(backend) ?? COMPOSED,
  cpu: () => createStagedWay(),
};
