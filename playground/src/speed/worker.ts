// The worker that measures one step of plain RMSprop over many parameters, by everything that can compute it here.
import { RMSprop, setEngine, setThreads, Variable } from "rmsprop";
import { trafficOf } from "../../../bench/contenders/traffic.js";
import { scalarStep } from "./scalar.js";

/** Parameters of the measured variable: too many for most caches. */
export const PARAMETERS = 4_194_304;
/** What the step reads and writes: the variable, its velocity and its gradient. */
const BYTES_PER_PARAMETER = 20;
const BUDGET_MS = 400;
const MIN_STEPS = 3;

/** One bar, or the end: `error` says what went wrong in words. */
export type Report =
  | { readonly name: string; readonly nanoseconds: number; readonly gigabytesPerSecond: number }
  | { readonly done: true; readonly error: string | null };

const say = (report: Report): void => self.postMessage(report);

self.onmessage = async ({ data: threads }: MessageEvent<number>) => {
  try {
    await measureAll(threads);
    say({ done: true, error: null });
  } catch (error) {
    say({ done: true, error: error instanceof Error ? error.message : String(error) });
  }
};

async function measureAll(threads: number): Promise<void> {
  measure("JavaScript loop", scalarStep(PARAMETERS));
  setEngine("js");
  measureStep("rmsprop, JavaScript", rmspropStep);
  if (setEngine("auto") !== "wasm") return;
  for (const count of new Set([1, 2, threads].filter((count) => count <= threads))) {
    // Fewer where the page is not isolated: that is told beside the bars.
    if ((await setThreads(count)) !== count) return;
    const label = count === 1 ? "1 thread" : `${count} threads`;
    measureStep(`rmsprop, WebAssembly, ${label}`, rmspropStep);
    measureStep(`limit: the same traffic, ${label}`, (variable, gradient) => trafficOf(variable, gradient, 1));
  }
}

type CreateStep = (variable: Variable, gradient: Variable) => () => void;

const rmspropStep: CreateStep = (variable, gradient) => {
  const optimizer = new RMSprop();
  optimizer.build([variable]);
  return () => optimizer.apply([gradient]);
};

/** Measures over variables of their own, whose memory is given back. */
function measureStep(name: string, create: CreateStep): void {
  const variable = new Variable(new Float32Array(PARAMETERS).fill(1));
  const gradient = new Variable(new Float32Array(PARAMETERS).fill(0.01));
  measure(name, create(variable, gradient));
  variable.dispose();
  gradient.dispose();
}

/** The fastest of the steps within the budget, after one to warm up. */
function measure(name: string, step: () => void): void {
  step();
  let fastest = Number.POSITIVE_INFINITY;
  const end = performance.now() + BUDGET_MS;
  for (let count = 0; count < MIN_STEPS || performance.now() < end; count++) {
    const start = performance.now();
    step();
    fastest = Math.min(fastest, performance.now() - start);
  }
  const nanoseconds = (fastest * 1e6) / PARAMETERS;
  say({ name, nanoseconds, gigabytesPerSecond: BYTES_PER_PARAMETER / nanoseconds });
}
