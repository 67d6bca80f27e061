// Runs on the current backend beside the same runs with core: what is scaled, saved and moved.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { LossScaleOptimizer, loadCheckpoint, RMSprop, saveCheckpoint } from "rmsprop/tfjs";

/** More variables than a kernel of WebGPU can bind. */
const SIZES = [1, 7, 129, 2, 3, 4, 5, 6, 5000];
const OPTIONS: core.RMSpropOptions = { learningRate: 0.01, momentum: 0.9, globalClipnorm: 0.5, useEma: true };

export interface BesideCore {
  readonly engine: string;
  readonly counts: { readonly fused: number; readonly composed: number };
  /** Elements whose bits differ from those of core. */
  readonly differing: number;
}

/** A loss scale over steps of which some are not finite; each has the scale, the step counter and the iterations after it. */
export async function scaledAsCore(): Promise<BesideCore & { scales: number[][]; expectedScales: number[][] }> {
  const run = new Run();
  const scaling = { initialScale: 8, dynamicGrowthSteps: 2 };
  const ours = new LossScaleOptimizer(run.optimizer, scaling);
  const cores = new core.LossScaleOptimizer(run.reference, scaling);
  const [scales, expectedScales]: [number[][], number[][]] = [[], []];
  const spoilers = [1, Number.POSITIVE_INFINITY, 1, 1, Number.NaN, 1, Number.NEGATIVE_INFINITY, 1];
  for (const [step, spoiler] of spoilers.entries()) {
    const gradients = SIZES.map((size) => numbers(size, step + 1));
    for (const gradient of gradients.slice(-1)) gradient[4321] = spoiler;
    tf.tidy(() => ours.apply(tensorsOf(gradients), run.variables));
    cores.apply(gradients, run.arrays);
    for (const [list, { dynamicScale, stepCounter, iterations }] of [
      [scales, ours],
      [expectedScales, cores],
    ] as const) {
      list.push([dynamicScale, stepCounter, iterations]);
    }
  }
  const result = await run.result();
  ours.dispose();
  return { ...result, scales, expectedScales };
}

/** Some steps, a checkpoint that a new optimizer and new variables take, and more steps. */
export async function savedAsCore(): Promise<BesideCore> {
  const run = new Run();
  run.step(3);
  const bytes = saveCheckpoint(run.optimizer, run.variables);
  const next = new Run(run.reference, run.arrays);
  loadCheckpoint(bytes, next.optimizer, next.variables);
  run.dispose();
  next.step(3);
  const result = await next.result();
  next.optimizer.dispose();
  return result;
}

/** Some steps here, some on another backend, and some here again; all values are read in between. */
export async function movedAsCore(other: string): Promise<BesideCore> {
  const run = new Run();
  const home = tf.getBackend();
  for (const backend of [home, other, home]) {
    await tf.setBackend(backend);
    run.step(2);
    for (const variable of run.variables) variable.dataSync();
    for (const { value } of run.optimizer.variables) void value;
  }
  const result = await run.result();
  run.optimizer.dispose();
  return result;
}

/** The same numbers as tensors and as arrays. */
class Run {
  readonly optimizer: RMSprop = new RMSprop(OPTIONS);
  readonly variables: tf.Variable[] = SIZES.map((size) => tf.tidy(() => tf.variable(tf.tensor1d(numbers(size, 0)))));
  readonly reference: core.RMSprop;
  readonly arrays: Float32Array[];

  constructor(reference = new core.RMSprop(OPTIONS), arrays = SIZES.map((size) => numbers(size, 0))) {
    this.reference = reference;
    this.arrays = arrays;
  }

  step(count: number): void {
    for (let i = 0; i < count; i++) {
      const gradients = SIZES.map((size) => numbers(size, this.reference.iterations + 1));
      tf.tidy(() => this.optimizer.apply(tensorsOf(gradients), this.variables));
      this.reference.apply(gradients, this.arrays);
    }
  }

  async result(): Promise<BesideCore> {
    const received = await Promise.all(this.variables.map((variable) => variable.data()));
    const { engine, stepCounts: counts } = this.optimizer;
    const differing = this.arrays.flatMap((array, i) =>
      [...array].filter((value, at) => !Object.is(value, received[i]?.[at])),
    );
    tf.dispose(this.variables);
    return { engine, counts, differing: differing.length };
  }

  dispose(): void {
    this.optimizer.dispose();
    tf.dispose(this.variables);
  }
}

const tensorsOf = (arrays: readonly Float32Array[]): tf.Tensor[] => arrays.map((array) => tf.tensor1d(array.slice()));

const numbers = (size: number, of: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => (((i + of) * 7919) % 1013) / 1013 - 0.5);
