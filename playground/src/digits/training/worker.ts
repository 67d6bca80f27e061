// The worker in which TensorFlow.js or a device trains the digits. The page calls a Contest in it, and is told what there is to see.

import { type Digits, parseDigits } from "../../../../examples/digits/data.js";
import digitsUrl from "../../../../examples/digits/digits.csv.gz?url";
import { startBackend } from "./backend.js";
import { Contest, type ContestView } from "./contest.js";
import { findGpu, type GpuFinding } from "./gpu/device.js";

type Method = "set" | "reset" | "train" | "pause" | "predict" | "sample" | "save" | "resume";

/** A call of a method of the Contest; `id` comes back with what it returns. */
export type Request = {
  readonly [M in Method]: { readonly id: number; readonly method: M; readonly args: Parameters<Contest[M]> };
}[Method];

export interface View extends ContestView {
  readonly backend: string;
  /** Null until it is known. */
  readonly gpu: GpuFinding | null;
}

export type Answer =
  | { readonly view: View }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly problem: string };

/** Milliseconds that the page may wait for an answer. */
const PATIENCE_MS = 40;
/** Milliseconds between news within an epoch. */
const NEWS_MS = 200;

const say = (answer: Answer): void => self.postMessage(answer);

const starting = start();

self.onmessage = async ({ data: { id, method, args } }: MessageEvent<Request>) => {
  try {
    const contest = await starting;
    // The arguments are those of the method: the type of Request says so.
    const call = contest[method] as (...args: unknown[]) => unknown;
    say({ id, result: await call.apply(contest, args) });
  } catch (error) {
    say({ id, problem: error instanceof Error ? error.message : String(error) });
  }
};

async function start(): Promise<Contest> {
  const [backend, digits] = await Promise.all([startBackend(), loadDigits()]);
  let gpu: GpuFinding | null = null;
  const finding = findGpu();
  let news = false;
  const show = (): void => {
    news = false;
    say({ view: { ...contest.view, backend, gpu } });
  };
  let last = performance.now();
  let shown = last;
  const contest: Contest = new Contest(
    digits,
    finding.then(({ found }) => found),
    () => {
      if (!news) queueMicrotask(show);
      news = true;
    },
    async () => {
      const now = performance.now();
      if (now - shown > NEWS_MS) {
        show();
        shown = now;
      }
      if (now - last < PATIENCE_MS) return;
      await macrotask();
      last = performance.now();
    },
  );
  finding.then((found) => {
    gpu = found;
    show();
  });
  return contest;
}

/** Lets messages in. Timers would wait longer. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

async function loadDigits(): Promise<Digits> {
  const response = await fetch(digitsUrl);
  if (!response.ok || !response.body) throw new Error("The file of the digits could not be loaded");
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some hosts unpack it on the way.
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const stream = new Blob([bytes]).stream();
  return parseDigits(
    await new Response(isPacked ? stream.pipeThrough(new DecompressionStream("gzip")) : stream).text(),
  );
}
