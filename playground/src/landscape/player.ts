// Plays the runs of the worker frame by frame, and keeps what they saw. A tab in the background gets no frames and rests.
import type { RunSettings } from "../settings.js";
import type { Sample } from "./run.js";
import type { SurfaceName } from "./surfaces.js";
import type { Answer, Request } from "./worker.js";

/** What a run has seen since its start, and why it was refused if it was. */
export interface Track {
  readonly samples: Sample[];
  readonly error: string | null;
}

/** Longest track that is kept; a run rests there. */
export const MAX_STEPS = 5000;

/** The runs of a landscape; `changed` is called after each answer. */
export class Player {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #changed: () => void;
  #id = 0;
  #start = 0;
  #waiting = false;
  tracks: readonly Track[] = [];

  constructor(changed: () => void, failed: (reason: string) => void) {
    this.#changed = changed;
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#take(data);
    this.#worker.onerror = ({ message }) => failed(message || "its script could not be loaded");
  }

  /** Steps made so far. */
  get steps(): number {
    return Math.max(0, ...this.tracks.map(({ samples }) => samples.length - 1));
  }

  /** Starts these runs from the surface's start; what the last ones still send is not taken. */
  start(runs: readonly RunSettings[], surface: SurfaceName): void {
    this.#start = ++this.#id;
    this.#ask({ id: this.#id, runs, surface });
  }

  /** Asks for so many steps, unless an answer is still awaited. */
  step(count: number): void {
    const steps = Math.min(count, MAX_STEPS - this.steps);
    if (!this.#waiting && steps > 0) this.#ask({ id: ++this.#id, steps });
  }

  close(): void {
    this.#worker.terminate();
  }

  #ask(request: Request): void {
    this.#waiting = true;
    this.#worker.postMessage(request);
  }

  #take({ id, runs }: Answer): void {
    if (id < this.#start) return;
    this.#waiting = false;
    if (id === this.#start) this.tracks = runs.map(({ samples, error }) => ({ samples: [...samples], error }));
    else for (const [i, { samples }] of runs.entries()) this.tracks[i]?.samples.push(...samples);
    this.#changed();
  }
}
