// Two runs that take turns, epoch by epoch: the one that is behind goes next. The worker drives it; so does the test, in Node.
import { type Digits, type Split, splitDigits } from "../../../../examples/digits/data.js";
import { runText } from "../../address.js";
import type { RunSettings } from "../../settings.js";
import type { Saved } from "../files/checkpoint.js";
import type { Course, EpochScore } from "../run.js";
import { Contestant, type Prediction } from "./contestant.js";
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

interface Place {
  key: string;
  run: Contestant | null;
  error: string | null;
  share: number;
}

const emptyPlace = (): Place => ({ key: "", run: null, error: null, share: 0 });

export class Contest {
  readonly #digits: Digits;
  readonly #changed: () => void;
  readonly #breathe: () => Promise<void>;
  readonly #places: readonly [Place, Place] = [emptyPlace(), emptyPlace()];
  #split: { readonly seed: number; readonly data: Split } | null = null;
  #course: Course = { seed: 0, batchSize: 1, inputs: "clean" };
  #target = 0;
  #paused = true;
  #loop: Promise<void> | null = null;
  #busy: { readonly run: Contestant; readonly done: Promise<void> } | null = null;

  /** `changed` is called when there is something new to see, `breathe` lets other calls in. */
  constructor(digits: Digits, changed: () => void, breathe: () => Promise<void>) {
    this.#digits = digits;
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

  /** Starts those runs anew whose settings or course are others than before. Returns whether there were any. */
  set(settings: readonly [RunSettings, RunSettings], course: Course): boolean {
    this.#course = course;
    const changed = settings.flatMap((run, i) => {
      const place = this.#places[i];
      return place && keyOf(run, course) !== place.key ? [{ place, run }] : [];
    });
    for (const { place, run } of changed) this.#enter(place, run, course);
    this.#changed();
    return changed.length > 0;
  }

  /** Starts both anew. */
  reset(settings: readonly [RunSettings, RunSettings], course: Course): void {
    this.pause();
    for (const place of this.#places) place.key = "";
    this.set(settings, course);
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
  predict(pixels: Float32Array): (Prediction | null)[] {
    return this.#places.map(({ run }) => (run?.isTrained ? run.predict(pixels) : null));
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
    return { bytes: run.save(), epoch: run.epoch };
  }

  /** Goes on from a file in a place. `set` then starts the other run anew, if its course is another one. */
  resume(i: 0 | 1, saved: Saved): void {
    const { settings, course } = saved;
    // Whatever is wrong with it is found before the run that is there is given up.
    const run = new Contestant(settings, course, this.#dataOf(course.seed), saved);
    this.#course = course;
    this.#leave(this.#places[i]);
    Object.assign(this.#places[i], { key: keyOf(settings, course), run, error: null, share: 0 });
    this.#changed();
  }

  #enter(place: Place, settings: RunSettings, course: Course): void {
    this.#leave(place);
    place.key = keyOf(settings, course);
    try {
      place.run = new Contestant(settings, course, this.#dataOf(course.seed));
    } catch (error) {
      place.error = messageOf(error);
    }
  }

  #leave(place: Place): void {
    place.run?.stop();
    // The one that is being trained is disposed of by the loop.
    if (place.run && this.#busy?.run !== place.run) place.run.dispose();
    Object.assign(place, { run: null, error: null, share: 0 });
  }

  async #run(): Promise<void> {
    for (let place = this.#next(); place; place = this.#next()) {
      await this.#epoch(place);
      this.#changed();
      await this.#breathe();
    }
    this.#paused = true;
    this.#changed();
  }

  /** The one that is behind, if anything is left to do. */
  #next(): Place | null {
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

function keyOf(settings: RunSettings, { seed, batchSize, inputs }: Course): string {
  return [runText(settings), seed, batchSize, inputs].join(" ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
