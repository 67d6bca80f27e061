// The runs of the worker, and what they saw. One request is on its way at a time, however fast the page asks.
import { MAX_STEPS, type RunSettings } from "../settings.js";
import type { SurfaceName } from "./surfaces.js";
import { Track } from "./track.js";
import type { Answer, Request } from "./worker.js";

/** The runs of a landscape. Whoever listens is called after each answer. */
export class Player {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #listeners = new Set<() => void>();
  #id = 0;
  #start = 0;
  #waiting = false;
  /** Why nothing is computed, if nothing is. */
  failure: string | null = null;
  tracks: readonly Track[] = [];
  /** The step at which the runs end. */
  until = MAX_STEPS;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#take(data);
    this.#worker.onerror = ({ message }) => {
      this.failure = message || "its script could not be loaded";
      this.#tell();
    };
  }

  /** Steps made so far. */
  get steps(): number {
    return Math.max(0, ...this.tracks.map(({ length }) => length - 1));
  }

  /** Whether the last step was made, or none can be: every run was refused. */
  get ended(): boolean {
    return this.tracks.length > 0 && (this.steps >= this.until || this.tracks.every(({ error }) => error !== null));
  }

  /** Calls `listener` after each answer, until the function that is returned is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts these runs from the surface's start; what the last ones still send is not taken. */
  start(runs: readonly RunSettings[], surface: SurfaceName): void {
    this.#start = ++this.#id;
    this.#ask({ id: this.#id, runs, surface });
  }

  /** Asks for so many steps, unless an answer is still awaited. */
  step(count: number): void {
    const steps = Math.min(count, this.until - this.steps);
    if (!this.#waiting && !this.ended) this.#ask({ id: ++this.#id, steps });
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
    if (id === this.#start) this.tracks = runs.map(({ error }) => new Track(error));
    for (const [i, rows] of runs.entries()) this.tracks[i]?.push(rows);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
