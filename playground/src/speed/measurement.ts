// A measurement that goes on in its worker, and what it has told so far.
import type { Bar, Report, Wish } from "./worker.js";

type Missing = Extract<Report, { missing: string }>;

export class Measurement {
  #worker: Worker | null = null;
  #listener: () => void = () => undefined;
  /** How it stands, to be read out; what is going on changes too often for that. */
  status = "";
  doing = "";
  bars: readonly Bar[] = [];
  missing: readonly Missing[] = [];

  get running(): boolean {
    return this.#worker !== null;
  }

  /** Calls `listener` after each change; there is one listener. */
  listen(listener: () => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = () => undefined;
    };
  }

  start(tensorflow: boolean): void {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker = worker;
    [this.bars, this.missing, this.status] = [[], [], "Measuring …"];
    worker.onmessage = ({ data }: MessageEvent<Report>) => this.#take(data);
    worker.onerror = () => this.#end("The worker that measures did not start. Load the page again.");
    worker.postMessage({ threads: navigator.hardwareConcurrency || 1, tensorflow } satisfies Wish);
    this.#listener();
  }

  /** Ends it, if it runs; what was measured stays. */
  stop(): void {
    if (this.#worker) this.#end("Stopped.");
  }

  #take(report: Report): void {
    if ("doing" in report) this.doing = report.doing;
    else if ("name" in report) this.bars = withBar(this.bars, report);
    else if ("missing" in report) this.missing = [...this.missing, report];
    else this.#end(report.error === null ? "Measured." : `Measuring ended early: ${report.error}`);
    this.#listener();
  }

  #end(status: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    [this.status, this.doing] = [status, ""];
    this.#listener();
  }
}

/** With a bar in the place of the one of its name, or at the end. */
function withBar(bars: readonly Bar[], bar: Bar): Bar[] {
  const isKnown = bars.some(({ name }) => name === bar.name);
  return isKnown ? bars.map((each) => (each.name === bar.name ? bar : each)) : [...bars, bar];
}
