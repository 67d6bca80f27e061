// tfjs/engine/: steps over tensors, by whatever the backend of TensorFlow.js allows.
//
// An engine whose arrays are tensors. How a step runs depends on the backend: fused and in place in the wasm backend's own
// memory, in-place.ts; fused over copies where arrays can be had at once, staged.ts; on the webgpu backend by what
// tfjs/webgpu/ brings along, if it is asked for; else composed.ts.
import * as tf from "@tensorflow/tfjs-core";
import { warnOnce } from "../../check/warn.js";
import type { Engine, FiniteCheck, HostReadable } from "../../engine/engine.js";
import { isAlive } from "./backends.js";
import { COMPOSED } from "./composed.js";
import type { KerasConstrained } from "./constrained.js";
import { createInPlaceStrategy } from "./in-place.js";
import { createStagedStrategy } from "./staged.js";
import { type Strategy, withSteadyGradient, written } from "./strategy.js";

/** Steps and copies that an optimizer has made so far. */
export interface StepCounts {
  /** Steps that ran as one kernel over each variable. */
  readonly fused: number;
  /** Steps that were made of TensorFlow.js' own operations. */
  readonly composed: number;
  /** Variables and slots that got storage of their own before a step, since a clone or a snapshot shared theirs. */
  readonly copied: number;
}

/** A step goes with the constraints of the variables that it is over. */
export interface TensorEngine
  extends Engine<tf.Tensor, readonly KerasConstrained[]>,
    HostReadable<tf.Tensor>,
    FiniteCheck<tf.Tensor> {
  readonly counts: StepCounts;
}

/** Tensors of the gradients, variables of everything that is written. */
export function createTensorEngine(): TensorEngine {
  const counts = { fused: 0, composed: 0, copied: 0 };
  const used = new Set<Strategy>();
  /** Runs `act`, by which an array is disposed of or gets another one's numbers. */
  const leaving = (array: tf.Tensor, act: () => void): void => {
    let whole = act;
    for (const strategy of used) {
      const rest = whole;
      if (strategy.leaving) whole = () => strategy.leaving?.(array, rest);
    }
    whole();
  };
  return {
    counts,
    get name() {
      return `tfjs-${tf.getBackend()}${strategyOf(tf.backend()).suffix}`;
    },
    zeros: ({ shape }) => {
      const make = () => tf.tidy(() => tf.variable(tf.zeros([...shape]), false));
      return strategyOf(tf.backend()).place?.(make) ?? make();
    },
    free: (array) => {
      // tf.disposeVariables() may have been there first, and to dispose of a variable twice takes its data from others.
      if (!(array instanceof tf.Variable) || isAlive(array)) leaving(array, () => array.dispose());
    },
    release: (step) => {
      for (const strategy of used) strategy.release?.(step);
    },
    run(step, constraints) {
      const usual = strategyOf(tf.backend());
      if (usual === COMPOSED) adviseOnKernels();
      const strategy = (usual.takes?.(step, constraints) ?? true) ? usual : COMPOSED;
      used.add(strategy);
      counts.copied += tf.tidy(() => strategy.run(step, step.rows.map(withSteadyGradient), constraints));
      counts[strategy.kind]++;
    },
    allFinite: (step) => {
      const strategy = strategyOf(tf.backend());
      used.add(strategy);
      return tf.tidy(() => strategy.allFinite(step, step.rows.map(withSteadyGradient)));
    },
    // On the cpu backend these are the numbers that a later step may write.
    expose: (array) => array.dataSync<"float32">().slice(),
    read: (array) => array.dataSync<"float32">(),
    write: (array, values) =>
      leaving(array, () => tf.tidy(() => written(array).assign(tf.tensor(Float32Array.from(values), array.shape)))),
    copy: (from, to) => {
      if (!isAlive(to)) return;
      const { shareable } = strategyOf(tf.backend());
      leaving(to, () => tf.tidy(() => written(to).assign(shareable?.(from) ?? from)));
    },
    clone: (array) => tf.keep(array.clone()),
  };
}

const FUSED_FLAG = "RMSPROP_FUSED";
tf.env().registerFlag(FUSED_FLAG, () => true);

type CreateStrategy = (backend: tf.KernelBackend) => Strategy | null;

/** By the name of the backend, the best first; null where it cannot be. */
const creators: Record<string, readonly CreateStrategy[] | undefined> = {
  wasm: [createInPlaceStrategy, createStagedStrategy],
  cpu: [createStagedStrategy],
};

let strategies = new WeakMap<tf.KernelBackend, Strategy>();

/** Uses a strategy on every backend of that name, from the next step on. Asking again changes nothing. */
export function useStrategy(backendName: string, create: CreateStrategy): void {
  if (creators[backendName]?.[0] === create) return; // what is prepared would be made anew
  creators[backendName] = [create];
  strategies = new WeakMap();
}

function strategyOf(backend: tf.KernelBackend): Strategy {
  if (!tf.env().getBool(FUSED_FLAG)) return COMPOSED;
  const known = strategies.get(backend) ?? createStrategy(backend);
  strategies.set(backend, known);
  return known;
}

function createStrategy(backend: tf.KernelBackend): Strategy {
  for (const create of creators[tf.getBackend()] ?? []) {
    try {
      const created = create(backend);
      if (created !== null) return created;
    } catch {
      // A policy refuses kernels, or fields of the backend are not what they seem.
    }
  }
  return COMPOSED;
}

function adviseOnKernels(): void {
  if (tf.getBackend() !== "webgpu" || creators.webgpu || !tf.env().getBool(FUSED_FLAG)) return;
  const facts = "rmsprop/tfjs: on the webgpu backend steps are made of TensorFlow.js' own operations";
  warnOnce(`${facts}. For one kernel over each variable, call useWebGpu() of "rmsprop/tfjs/webgpu".`);
}
