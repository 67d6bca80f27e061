// One training run of the classifier on WebGPU, by the engine of `npm run start:webgpu`; contestant.ts has the one on TensorFlow.js.
import * as tf from "@tensorflow/tfjs-core";
import type { Split } from "../../../../../examples/digits/data.js";
import { createModel } from "../../../../../examples/digits/model.js";
import type { Score } from "../../../../../examples/digits/train.js";
import { createRandom, shuffledIndices } from "../../../../../examples/shared/random.js";
import { Engine } from "../../../../../examples/webgpu/engine.js";
import { STEPS_AT_ONCE } from "../../../../../examples/webgpu/train.js";
import type { RunSettings } from "../../../settings.js";
import { metadataOf, type Saved } from "../../files/checkpoint.js";
import type { Course, EpochScore } from "../../run.js";
import type { Prediction } from "../contestant.js";
import { seenPixels, seenSplit } from "../inputs.js";
import type { Rates } from "../rates.js";
import { trainingDevice } from "./device.js";
import { createGpuOptimizer } from "./optimizers.js";
import { giveState, readRates, savedState } from "./state.js";

/** A run from its seed on, or from where it was saved. Numbers come from the device once an epoch, and when they are asked for. */
export class GpuContestant {
  readonly settings: RunSettings;
  readonly course: Course;
  readonly scores: EpochScore[];
  readonly isSaveable = true;
  readonly #engine: Engine;
  readonly #drawOrder: () => Int32Array;
  /** What the engine does comes one after the other: averages are in the place of weights for a while. */
  #last: Promise<unknown> = Promise.resolve();
  #rates: Rates | null = null;
  #stopped = false;
  #trained = false;

  /** Rejects with the package's own errors, and where the device refuses something. */
  static async create(settings: RunSettings, course: Course, data: Split, saved: Saved | null): Promise<GpuContestant> {
    const optimizer = createGpuOptimizer(await trainingDevice(), settings);
    const { seed, batchSize, inputs } = course;
    const weights = initialWeights(seed);
    const engine = await Engine.create({ optimizer, weights, data: seenSplit(data, inputs), batchSize });
    const run = new GpuContestant(settings, course, engine, saved?.scores ?? []);
    try {
      if (saved) await giveState(saved.bytes, engine, settings);
      else run.scores.push(await run.#scored(null, 0));
      run.#rates = await readRates(engine, settings);
    } catch (error) {
      run.dispose();
      throw error;
    }
    return run;
  }

  private constructor(settings: RunSettings, course: Course, engine: Engine, scores: readonly EpochScore[]) {
    this.settings = settings;
    this.course = course;
    this.scores = [...scores];
    this.#engine = engine;
    const random = createRandom(course.seed);
    this.#drawOrder = () => shuffledIndices(engine.trainingRows, random);
    // The order of an epoch follows from those before it.
    for (let epoch = 1; epoch < scores.length; epoch++) this.#drawOrder();
  }

  /** Epochs that it has had. */
  get epoch(): number {
    return this.scores.length - 1;
  }

  /** Whether it has been trained at all. */
  get isTrained(): boolean {
    return this.#trained || this.epoch > 0;
  }

  /** The effective learning rates when they were read last. */
  get rates(): Rates | null {
    return this.#rates;
  }

  /** Trains one epoch, unless `stop` ends it early; then it is good for nothing but `dispose`. */
  async train(onBatch: (share: number) => Promise<void>): Promise<void> {
    const start = performance.now();
    const { steps } = this.#engine;
    this.#engine.startEpoch(this.#drawOrder());
    for (let step = 0; step < steps; step += STEPS_AT_ONCE) {
      if (this.#stopped) return;
      await this.#alone(() => this.#engine.train(step, step + STEPS_AT_ONCE));
      this.#trained = true;
      await onBatch(Math.min(1, (step + STEPS_AT_ONCE) / steps));
    }
    await this.#alone(async () => {
      const training = await this.#engine.trainingScore();
      const score = await this.#scored(training, performance.now() - start);
      this.#rates = await readRates(this.#engine, this.settings);
      this.scores.push(score);
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  predict(pixels: Float32Array): Promise<Prediction> {
    const seen = seenPixels(pixels, this.course.inputs);
    const raw = async (): Promise<number[]> => [...(await this.#engine.predict(seen))];
    return this.#alone(async () => ({ raw: await raw(), average: await this.#withAverage(raw) }));
  }

  /** The run as a file, which goes on here and on TensorFlow.js. */
  save(): Promise<Uint8Array> {
    return this.#alone(() => savedState(this.#engine, this.settings, metadataOf(this)));
  }

  dispose(): void {
    this.#engine.dispose();
  }

  async #scored(training: Score | null, ms: number): Promise<EpochScore> {
    const heldOut = await this.#engine.heldOutScore();
    return { training, heldOut, average: await this.#withAverage(() => this.#engine.heldOutScore()), ms };
  }

  /** What `fn` gives with the moving averages in place, or null where none are kept. */
  async #withAverage<T>(fn: () => Promise<T>): Promise<T | null> {
    return this.settings.options.useEma === true ? this.#engine.optimizer.withAverage(fn) : null;
  }

  #alone<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** Those that TensorFlow.js would begin with. */
function initialWeights(seed: number): Float32Array[] {
  const optimizer = tf.train.sgd(0);
  const model = createModel(seed, optimizer);
  const weights = model.getWeights().map((weight) => weight.dataSync<"float32">().slice());
  model.dispose();
  optimizer.dispose();
  return weights;
}
