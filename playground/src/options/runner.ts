// Asks one worker for the runs of all pictures, one request at a time; of a picture's requests only the newest is sent.
import { pathOf } from "../explain/story/paths.js";
import type { Answer, Request } from "../landscape/worker.js";
import { requestOf, type StoryName, storyOf } from "./stories.js";
import type { Told } from "./story.js";

/** What came of a request: both runs, or why there are none. */
export type Outcome = { readonly told: Told } | { readonly failure: string };

interface Asked {
  readonly chosen: string;
  tell(outcome: Outcome): void;
}

export class Runner {
  #worker: Worker | null = null;
  readonly #waiting = new Map<StoryName, Asked>();
  #sent: readonly [StoryName, Asked] | null = null;
  #id = 0;

  /** Computes the runs of a picture, unless it is asked for others meanwhile. */
  ask(name: StoryName, asked: Asked): void {
    this.#waiting.set(name, asked);
    this.#next();
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#waiting.clear();
  }

  #next(): void {
    const [next] = this.#waiting;
    if (this.#sent || !next) return;
    const [name, { chosen }] = next;
    this.#waiting.delete(name);
    this.#sent = next;
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id: ++this.#id, whole: requestOf(name, chosen) } satisfies Request);
  }

  #start(): Worker {
    const worker = new Worker(new URL("../landscape/worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data: { runs } }: MessageEvent<Answer>) => this.#take(runs);
    worker.onerror = ({ message }) => this.#tell({ failure: message || "its script could not be loaded" });
    return worker;
  }

  #take([without, own]: Answer["runs"]): void {
    const failure = without?.error ?? own?.error ?? null;
    if (!this.#sent || !without || !own || failure !== null) {
      this.#tell({ failure: failure ?? "no answer came" });
      return;
    }
    const [name, { chosen }] = this.#sent;
    this.#tell({ told: { chosen, without: pathOf(without), with: pathOf(own), steps: storyOf(name).steps } });
  }

  #tell(outcome: Outcome): void {
    this.#sent?.[1].tell(outcome);
    this.#sent = null;
    this.#next();
  }
}
