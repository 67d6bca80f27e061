// The page's side of the worker: calls the Contest in it, and keeps what it says last.
import type { Contest } from "./contest.js";
import type { Answer, Request, View } from "./worker.js";

type Method = Request["method"];
type Result<M extends Method> = Awaited<ReturnType<Contest[M]>>;

interface Waiting {
  // Results are those of the method that was called.
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Who is told what happens: the tab while it is shown. */
export interface Listener {
  /** `view` has changed. */
  changed(): void;
  /** The worker has failed, for this reason. */
  failed(reason: string): void;
}

/** Calls after which a training is, or is not, to go on by itself with other settings. */
const ON: Readonly<Partial<Record<Method, boolean>>> = { train: true, pause: false, reset: false, resume: false };

export class Session {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, Waiting>();
  #id = 0;
  #frame: number | null = null;
  view: View | null = null;
  /** Whether other settings are to be trained at once: from Start on, past its end, too. */
  isOn = false;
  /** Whether a run was started anew since, and waits for Start. */
  isWaiting = false;

  /** Null while another tab is shown: the training goes on meanwhile. */
  listener: Listener | null = null;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("view" in data) {
        this.view = data.view;
        this.#tell();
      } else this.#answer(data);
    };
    // From now on the tab is to work offline, too.
    navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage("later")).catch(() => undefined);
    this.#worker.onerror = ({ message }) =>
      this.listener?.failed(`The worker that trains has failed: ${message || "its files could not be loaded"}`);
  }

  /** Calls a method of the Contest. Rejects with an Error in words. */
  ask<M extends Method>(method: M, ...args: Parameters<Contest[M]>): Promise<Result<M>> {
    const id = ++this.#id;
    const isOn = ON[method];
    if (isOn !== undefined) [this.isOn, this.isWaiting] = [isOn, false];
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as Result<M>), reject });
      this.#worker.postMessage({ id, method, args });
    });
  }

  close(): void {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error("The worker that trains has ended."));
    this.#waiting.clear();
  }

  /** Once in a frame: news come faster than a busy page can draw them, and a page in the background draws nothing. */
  #tell(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.listener?.changed();
    });
  }

  #answer(answer: Exclude<Answer, { view: View }>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("problem" in answer) waiting?.reject(new Error(answer.problem));
    else waiting?.resolve(answer.result);
  }
}
