// Two runs that take turns, epoch by epoch: the one that is behind goes next. The worker drives it; so does the test, in Node.
import { type Digits, type Split, splitDigits } from "../../../../examples/digits/data.js";
import { runText } from "../../address.js";
import { isOwnKind, type RunSettings } from "../../settings.js";
import type { Saved } from "../files/checkpoint.js";
import type { Contested, EpochScore } from "../run.js";
import { Contestant, type Prediction } from "./contestant.js";
import { GpuContestant } from "./gpu/contestant.js";
import type { Rates } from "./rates.js";

/** What there is to see of a run; `share` is how much of the present epoch is done. */
export interface ContestantView {
  readonly error: string | null;
  readonly scores: readonly EpochScore[];
  readonly share: number;
  readonly isSaveable: boolean;
  /** Null before the first step, and where its optimizer has none that can be read. */
  readonly rates: Rates | null;
}

export interface ContestView {
  readonly training: boolean;
  readonly contestants: readonly ContestantView[];
}

/** A digit of those held out. */
export interface Sample {
  readonly index: number;
  readonly label: number;
  readonly pixels: Float32Array<ArrayBuffer>;
}

type AnyContestant = Contestant | GpuContestant;

interface Place {
  key: string;
  run: AnyContestant | null;
  error: string | null;
  share: number;
}

const emptyPlace = (): Place => ({ key: "", run: null, error: null, share: 0 });

export class Contest {
  readonly #digits: Digits;
  readonly #hasGpu: Promise<boolean>;
  readonly #changed: () => void;
  readonly #breathe: () => Promise<void>;
  readonly #places: readonly [Place, Place] = [emptyPlace(), emptyPlace()];
  #split: { readonly seed: number; readonly data: Split } | null = null;
  #course: Contested = { seed: 0, batchSize: 1, inputs: "clean", engine: "tfjs" };
  #target = 0;
  #paused = true;
  #loop: Promise<void> | null = null;
  #busy: { readonly run: AnyContestant; readonly done: Promise<void> } | null = null;
  /** Resolves when every place has its run, or an error. */
  #entered: Promise<unknown> = Promise.resolve();

  /** `changed` is called when there is something new to see, `breathe` lets other calls in. */
  constructor(digits: Digits, hasGpu: Promise<boolean>, changed: () => void, breathe: () => Promise<void>) {
    this.#digits = digits;
    this.#hasGpu = hasGpu;
    this.#changed = changed;
    this.#breathe = breathe;
  }

  get view(): ContestView {
    const contestants = this.#places.map(({ run, error, share }) => {
      const { scores = [], isSaveable = false, rates = null } = run ?? {};
      return { error, share, scores, isSaveable, rates };
    });
    return { training: !this.#paused, contestants };
  }

  /** Starts those runs anew whose settings or course are others than before. Resolves with whether there were any. */
  async set(settings: readonly [RunSettings, RunSettings], course: Contested): Promise<boolean> {
    this.#course = course;
    const entering = this.#places.flatMap((place, i) => {
      const run = settings[i];
      return run && keyOf(run, course) !== place.key ? [this.#enter(place, run, course)] : [];
    });
    this.#entered = Promise.all([this.#entered, ...entering]);
    this.#changed();
    await this.#entered;
    this.#changed();
    return entering.length > 0;
  }

  /** Starts both anew. */
  async reset(settings: readonly [RunSettings, RunSettings], course: Contested): Promise<void> {
    this.pause();
    for (const place of this.#places) place.key = "";
    await this.set(settings, course);
  }

  /** Trains both until they have had so many epochs. */
  train(epochs: number): void {
    this.#target = epochs;
    this.#paused = false;
    if (this.#loop === null && this.#next() === null) this.#paused = true;
    else
      this.#loop ??= this.#run().finally(() => {
        this.#loop = null;
      });
    this.#changed();
  }

  /** The epoch that goes on ends first. */
  pause(): void {
    this.#paused = true;
    this.#changed();
  }

  /** Resolves when nothing is trained. */
  async rest(): Promise<void> {
    await this.#loop;
  }

  /** What both say to an image; null for one that was not trained yet. */
  predict(pixels: Float32Array): Promise<(Prediction | null)[]> {
    return Promise.all(this.#places.map(({ run }) => (run?.isTrained ? run.predict(pixels) : null)));
  }

  /** A digit that is held out; the index goes around. */
  sample(index: number): Sample {
    const { heldOut } = this.#dataOf(this.#course.seed);
    const count = heldOut.labels.length;
    const found = ((index % count) + count) % count;
    const size = heldOut.pixels.length / count;
    const pixels = heldOut.pixels.slice(found * size, (found + 1) * size) as Float32Array<ArrayBuffer>;
    return { index: found, label: heldOut.labels[found] ?? 0, pixels };
  }

  /** A run at the end of its present epoch, as a file. */
  async save(i: 0 | 1): Promise<{ readonly bytes: Uint8Array; readonly epoch: number }> {
    const { run } = this.#places[i];
    if (!run) throw new RangeError("There is nothing to save.");
    if (this.#busy?.run === run) await this.#busy.done;
    const { epoch } = run;
    return { bytes: await run.save(), epoch };
  }

  /** Goes on from a file in a place. `set` then starts the other run anew, if its course is another one. */
  async resume(i: 0 | 1, saved: Saved): Promise<void> {
    const { settings } = saved;
    const course = { ...saved.course, engine: this.#course.engine };
    // Whatever is wrong with it is found before the run that is there is given up.
    const run = await this.#create(settings, course, saved);
    this.#course = course;
    this.#leave(this.#places[i]);
    Object.assign(this.#places[i], { key: keyOf(settings, course), run, error: null, share: 0 });
    this.#changed();
  }

  async #enter(place: Place, settings: RunSettings, course: Contested): Promise<void> {
    this.#leave(place);
    const key = keyOf(settings, course);
    place.key = key;
    // Meanwhile the place may have been given to another run.
    const isHere = (): boolean => place.key === key && place.run === null;
    try {
      const run = await this.#create(settings, course, null);
      if (isHere()) place.run = run;
      else run.dispose();
    } catch (error) {
      if (isHere()) place.error = messageOf(error);
    }
  }

  async #create(settings: RunSettings, course: Contested, saved: Saved | null): Promise<AnyContestant> {
    const data = this.#dataOf(course.seed);
    const isOnGpu = wantsGpu(settings, course) && (await this.#hasGpu);
    if (isOnGpu) return GpuContestant.create(settings, course, data, saved);
    return new Contestant(settings, course, data, saved);
  }

  #leave(place: Place): void {
    place.run?.stop();
    // The one that is being trained is disposed of by the loop.
    if (place.run && this.#busy?.run !== place.run) place.run.dispose();
    Object.assign(place, { run: null, error: null, share: 0 });
  }

  async #run(): Promise<void> {
    for (let place = await this.#next(); place; place = await this.#next()) {
      await this.#epoch(place);
      this.#changed();
      await this.#breathe();
    }
    this.#paused = true;
    this.#changed();
  }

  /** The one that is behind, if anything is left to do. */
  async #next(): Promise<Place | null> {
    await this.#entered;
    if (this.#paused) return null;
    const waiting = this.#places.filter(({ run, error }) => run && !error && run.epoch < this.#target);
    const [first, second] = waiting;
    return (second?.run?.epoch ?? Number.POSITIVE_INFINITY) < (first?.run?.epoch ?? 0)
      ? (second ?? null)
      : (first ?? null);
  }

  async #epoch(place: Place): Promise<void> {
    const { run } = place;
    if (!run) return;
    const isHere = (): boolean => place.run === run;
    const done = run.train(async (share) => {
      if (isHere()) place.share = share;
      await this.#breathe();
    });
    this.#busy = { run, done: done.catch(() => undefined) };
    try {
      await done;
    } catch (error) {
      if (isHere()) place.error = messageOf(error);
    }
    this.#busy = null;
    if (isHere()) place.share = 0;
    else run.dispose();
  }

  #dataOf(seed: number): Split {
    if (this.#split?.seed !== seed) this.#split = { seed, data: splitDigits(this.#digits, seed) };
    return this.#split.data;
  }
}

/** TensorFlow.js' own optimizers are trained by it in any case. */
function wantsGpu({ kind }: RunSettings, { engine }: Contested): boolean {
  return engine === "webgpu" && isOwnKind(kind);
}

/** A run stays as long as this does. */
function keyOf(settings: RunSettings, course: Contested): string {
  const { seed, batchSize, inputs } = course;
  return [runText(settings), seed, batchSize, inputs, wantsGpu(settings, course)].join(" ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
