// Asks the worker for both runs whenever the settings change; of requests that pile up only the newest is sent.
import { useEffect, useState } from "preact/hooks";
import type { Answer, Request } from "../landscape/worker.js";
import { runsOf } from "./runs.js";
import { type ExplainState, STEPS } from "./state.js";
import { type Paths, pathOf } from "./story/paths.js";

/** The runs, and the settings that they were computed with. */
export interface Shown {
  readonly paths: Paths;
  readonly state: ExplainState;
}

interface Known {
  readonly shown: Shown | null;
  /** Why nothing is computed, if nothing is. */
  readonly failure: string | null;
}

export function usePaths(state: ExplainState): Known {
  const [known, setKnown] = useState<Known>({ shown: null, failure: null });
  const [asker] = useState(() => new Asker(setKnown));
  const { start, scheduled, learningRate, rho, momentum, epsilon } = state;
  useEffect(() => () => asker.close(), [asker]);
  useEffect(() => asker.ask(state), [start.x, start.y, scheduled, learningRate, rho, momentum, epsilon]);
  return known;
}

class Asker {
  readonly #worker = new Worker(new URL("../landscape/worker.ts", import.meta.url), { type: "module" });
  #id = 0;
  #sent: ExplainState | null = null;
  #next: ExplainState | null = null;

  constructor(tell: (known: Known) => void) {
    this.#worker.onmessage = ({ data: { runs } }: MessageEvent<Answer>) => {
      const [rmsprop, sgd] = runs;
      const error = rmsprop?.error ?? sgd?.error ?? null;
      if (rmsprop && sgd && this.#sent && error === null)
        tell({ shown: { paths: { rmsprop: pathOf(rmsprop), sgd: pathOf(sgd) }, state: this.#sent }, failure: null });
      else tell({ shown: null, failure: error ?? "it gave no answer" });
      this.#sent = null;
      if (this.#next) this.ask(this.#next);
    };
    this.#worker.onerror = ({ message }) => tell({ shown: null, failure: message || "its script could not be loaded" });
  }

  /** Sends this, or keeps it until the answer that is awaited has come. */
  ask(state: ExplainState): void {
    this.#next = this.#sent ? state : null;
    if (this.#sent) return;
    this.#sent = state;
    const whole = { runs: runsOf(state), surface: "ravine", start: state.start, steps: STEPS } as const;
    this.#worker.postMessage({ id: ++this.#id, whole } satisfies Request);
  }

  close(): void {
    this.#worker.terminate();
  }
}
