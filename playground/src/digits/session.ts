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

export class Session {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, Waiting>();
  #id = 0;
  view: View | null = null;

  /** `changed` is called when `view` has changed; `failed` when the worker does not start. */
  constructor(changed: () => void, failed: (reason: string) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("view" in data) {
        this.view = data.view;
        changed();
      } else this.#answer(data);
    };
    // From now on the tab is to work offline, too.
    navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage("later")).catch(() => undefined);
    this.#worker.onerror = ({ message }) => failed(message || "its script could not be loaded");
  }

  /** Calls a method of the Contest. Rejects with an Error in words. */
  ask<M extends Method>(method: M, ...args: Parameters<Contest[M]>): Promise<Result<M>> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as Result<M>), reject });
      this.#worker.postMessage({ id, method, args });
    });
  }

  close(): void {
    this.#worker.terminate();
  }

  #answer(answer: Exclude<Answer, { view: View }>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("problem" in answer) waiting?.reject(new Error(answer.problem));
    else waiting?.resolve(answer.result);
  }
}
