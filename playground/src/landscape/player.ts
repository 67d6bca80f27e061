// The runs of the worker, whole, and who is told when there are others. Of requests that pile up only the newest is sent.
import { Track } from "./track.js";
import type { WholeRuns } from "./whole-runs.js";
import type { Answer, Request } from "./worker.js";

/** The runs of a landscape. Whoever listens is called after each answer. */
export class Player {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #listeners = new Set<() => void>();
  #isWaiting = false;
  #next: WholeRuns | null = null;
  #id = 0;
  /** Why nothing is computed, if nothing is. */
  failure: string | null = null;
  /** Another list whenever the runs are others. */
  tracks: readonly Track[] = [];

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.tracks = data.runs.map((run) => new Track(run));
      this.#isWaiting = false;
      if (this.#next) this.ask(this.#next);
      this.#tell();
    };
    this.#worker.onerror = ({ message }) => {
      this.failure = message || "its script could not be loaded";
      this.#tell();
    };
  }

  /** Calls `listener` after each answer, until the function that is returned is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks for these runs; until they have come, those of before stay. */
  ask(whole: WholeRuns): void {
    this.#next = this.#isWaiting ? whole : null;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#worker.postMessage({ id: ++this.#id, whole } satisfies Request);
  }

  close(): void {
    this.#worker.terminate();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
