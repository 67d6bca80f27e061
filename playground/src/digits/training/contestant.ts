// One training run of the classifier of `npm start`, epoch by epoch: its scores, its predictions, and its checkpoint.
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { loadCheckpoint, Optimizer, saveCheckpoint } from "rmsprop/tfjs";
import { PIXELS, type Split } from "../../../../examples/digits/data.js";
import { createModel } from "../../../../examples/digits/model.js";
import { createRows, type Rows } from "../../../../examples/digits/rows.js";
import { type Score, scoreOf } from "../../../../examples/digits/train.js";
import type { RunSettings } from "../../settings.js";
import { metadataOf, type Saved } from "../files/checkpoint.js";
import type { Course, EpochScore } from "../run.js";
import { seenPixels, seenSplit } from "./inputs.js";
import { createTfOptimizer } from "./optimizers.js";
import { type Rates, ratesOf } from "./rates.js";

/** Ten probabilities by the weights as they are, and by their moving averages if there are any. */
export interface Prediction {
  readonly raw: readonly number[];
  readonly average: readonly number[] | null;
}

/** A run from its seed on, or from where it was saved. Throws the package's own errors. */
export class Contestant {
  readonly settings: RunSettings;
  readonly course: Course;
  readonly scores: EpochScore[];
  readonly #optimizer: tf.Optimizer;
  readonly #model: tfl.LayersModel;
  readonly #rows: Rows;
  readonly #batches: number;
  #stopped = false;
  #trained = false;

  constructor(settings: RunSettings, course: Course, data: Split, saved: Saved | null = null) {
    this.settings = settings;
    this.course = course;
    this.#batches = Math.ceil(data.training.labels.length / course.batchSize);
    this.#optimizer = createTfOptimizer(settings);
    this.#model = createModel(course.seed, this.#optimizer);
    try {
      if (saved) this.#restore(saved);
    } catch (error) {
      this.#model.dispose();
      this.#optimizer.dispose();
      throw error;
    }
    this.#rows = createRows(
      seenSplit(data, course.inputs),
      course.seed,
      saved?.scores.length ? saved.scores.length - 1 : 0,
    );
    this.scores = saved ? [...saved.scores] : [this.#scored(null, this.#rawScore(), 0)];
  }

  /** Epochs that it has had. */
  get epoch(): number {
    return this.scores.length - 1;
  }

  /** TensorFlow.js' own optimizers cannot be saved. */
  get isSaveable(): boolean {
    return this.#own !== null;
  }

  /** Whether it has been trained at all. */
  get isTrained(): boolean {
    return this.#trained || this.epoch > 0;
  }

  /** Trains one epoch, unless `stop` ends it early; then it is good for nothing but `dispose`. */
  async train(onBatch: (share: number) => Promise<void>): Promise<void> {
    const start = performance.now();
    const { x, y, heldOut } = this.#rows;
    const { history } = await this.#model.fit(x, y, {
      ...{ epochs: this.epoch + 1, initialEpoch: this.epoch, batchSize: this.course.batchSize },
      // It would wait for frames, which a page in the background does not get.
      ...{ shuffle: false, verbose: 0, yieldEvery: "never" },
      validationData: [heldOut.x, heldOut.y],
      callbacks: {
        onEpochBegin: async () => this.#rows.shuffle(),
        onBatchEnd: async (batch) => {
          this.#trained = true;
          await onBatch((batch + 1) / this.#batches);
          // Inside of fit it is not undone.
          if (this.#stopped) this.#model.stopTraining = true;
        },
      },
    });
    if (this.#stopped) return;
    // There was one epoch, and fit has waited for its numbers.
    const at = (name: string): number => Number(history[name]?.[0]);
    const training = { loss: at("loss"), accuracy: at("acc") };
    const score = { loss: at("val_loss"), accuracy: at("val_acc") };
    this.scores.push(this.#scored(training, score, performance.now() - start));
  }

  /** The effective learning rates after the last step. */
  get rates(): Rates | null {
    return ratesOf(this.#optimizer, this.settings, this.#variables);
  }

  stop(): void {
    this.#stopped = true;
  }

  predict(pixels: Float32Array): Prediction {
    const seen = seenPixels(pixels, this.course.inputs);
    const raw = (): number[] =>
      tf.tidy(() => {
        const [probabilities] = [this.#model.predict(tf.tensor2d(seen, [1, PIXELS]))].flat();
        return [...(probabilities?.dataSync<"float32">() ?? [])];
      });
    return { raw: raw(), average: this.#withAverage(raw) };
  }

  /** The run as a file; `resume` in contest.ts goes on from it in every bit. */
  save(): Uint8Array {
    const own = this.#own;
    if (!own) throw new TypeError("TensorFlow.js' own optimizers cannot be saved. Choose one of this package.");
    return saveCheckpoint(own, this.#variables, metadataOf(this));
  }

  dispose(): void {
    this.#rows.dispose();
    this.#model.dispose();
    this.#optimizer.dispose();
  }

  get #own(): Optimizer | null {
    return this.#optimizer instanceof Optimizer ? this.#optimizer : null;
  }

  get #variables(): tf.Variable[] {
    return this.#model.weights.map((weight) => weight.read() as tf.Variable); // nothing else is a weight
  }

  #restore({ bytes }: Saved): void {
    const own = this.#own;
    if (!own) throw new TypeError("The checkpoint says that it is of an optimizer that cannot be saved.");
    loadCheckpoint(bytes, own, this.#variables);
  }

  #rawScore(): Score {
    return scoreOf(this.#model, this.#rows.heldOut.x, this.#rows.heldOut.y);
  }

  #scored(training: Score | null, heldOut: Score, ms: number): EpochScore {
    return { training, heldOut, average: this.#withAverage(() => this.#rawScore()), ms };
  }

  /** What `fn` gives with the moving averages in place, or null where none are kept. */
  #withAverage<T>(fn: () => T): T | null {
    return this.settings.options.useEma === true && this.#own ? this.#own.withAverage(fn) : null;
  }
}
