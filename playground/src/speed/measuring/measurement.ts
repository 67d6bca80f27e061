// A measurement that goes on in its worker, whichever tab is shown, and what it has told so far.
import type { Bar, Measured } from "../contenders.js";
import { machineName } from "../machine.js";
import type { Report, Wish } from "./worker.js";

type Missing = Extract<Report, { missing: string }>;

class Measurement {
  #worker: Worker | null = null;
  #listener: () => void = () => undefined;
  #ended: (measured: Measured) => void = () => undefined;
  #bars: readonly Bar[] = [];
  /** How it stands, to be read out; what is going on changes too often for that. */
  status = "";
  doing = "";
  missing: readonly Missing[] = [];

  get running(): boolean {
    return this.#worker !== null;
  }

  /** What is known of this machine so far. */
  get measured(): Measured | null {
    return this.#bars.length === 0 ? null : { machine: machineName(navigator), bars: this.#bars };
  }

  /** Calls `listener` after each change; there is one listener. */
  listen(listener: () => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = () => undefined;
    };
  }

  /** `ended` gets what was measured, if there is any of it. */
  start(tensorflow: boolean, ended: (measured: Measured) => void): void {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker = worker;
    this.#ended = ended;
    [this.#bars, this.missing, this.status] = [[], [], "Measuring …"];
    worker.onmessage = ({ data }: MessageEvent<Report>) => this.#take(data);
    worker.onerror = () => this.#end("The measurement did not start. Reload the page.");
    worker.postMessage({ threads: navigator.hardwareConcurrency || 1, tensorflow } satisfies Wish);
    this.#listener();
  }

  /** Ends it, if it runs; what was measured stays. */
  stop(): void {
    if (this.#worker) this.#end("Stopped.");
  }

  #take(report: Report): void {
    if ("doing" in report) this.doing = report.doing;
    else if ("word" in report) this.#bars = withBar(this.#bars, report);
    else if ("missing" in report) this.missing = [...this.missing, report];
    else this.#end(report.error === null ? "Measured." : `Measuring ended early: ${report.error}`);
    this.#listener();
  }

  #end(status: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    [this.status, this.doing] = [status, ""];
    if (this.measured) this.#ended(this.measured);
    this.#listener();
  }
}

/** The one of this page: two at a time would disturb each other. */
export const measurement = new Measurement();

const DIGITS = 3;

/** With a bar in the place of the one of its word, or at the end; in as many digits as are in a link. */
function withBar(bars: readonly Bar[], { word, nanoseconds }: Bar): Bar[] {
  const bar = { word, nanoseconds: Number(nanoseconds.toPrecision(DIGITS)) };
  const isKnown = bars.some((each) => each.word === word);
  return isKnown ? bars.map((each) => (each.word === word ? bar : each)) : [...bars, bar];
}
