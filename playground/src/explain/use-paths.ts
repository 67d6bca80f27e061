// Asks the worker for both runs whenever the settings change; of requests that pile up only the newest is sent.
import { useEffect, useState } from "preact/hooks";
import type { Answer, Request } from "../landscape/worker.js";
import { runsOf } from "./runs.js";
import { type ExplainState, STEPS } from "./state.js";
import { type Path, type Paths, pathOf } from "./story/paths.js";

/** The runs, and the settings that they were computed with. */
interface Shown {
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
  /** SGD's run depends on the start only. */
  #sgd: { readonly start: ExplainState["start"]; readonly path: Path } | null = null;

  constructor(tell: (known: Known) => void) {
    this.#worker.onmessage = ({ data: { runs } }: MessageEvent<Answer>) => {
      tell(this.#take(runs));
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
    const { start } = state;
    const isKnown = this.#sgd?.start.x === start.x && this.#sgd.start.y === start.y;
    const runs = isKnown ? runsOf(state).slice(0, 1) : runsOf(state);
    const whole = { runs, surface: "ravine", start, steps: STEPS } as const;
    this.#worker.postMessage({ id: ++this.#id, whole } satisfies Request);
  }

  #take([rmsprop, sgd]: Answer["runs"]): Known {
    const state = this.#sent;
    const failure = rmsprop?.error ?? sgd?.error ?? null;
    if (!rmsprop || !state || failure !== null) return { shown: null, failure };
    if (sgd) this.#sgd = { start: state.start, path: pathOf(sgd) };
    const known = this.#sgd;
    return { shown: known && { paths: { rmsprop: pathOf(rmsprop), sgd: known.path }, state }, failure };
  }

  close(): void {
    this.#worker.terminate();
  }
}
