// Which engine new variables and optimizers of numbers in memory get: WebAssembly where the platform allows it, JavaScript elsewhere, or what the user asked for.
import { reasonOf } from "../check/built-ins.js";
import { warnOnce } from "../check/warn.js";
import type { HostEngine } from "./engine.js";
import { createJsEngine } from "./js/engine.js";
import { WasmEngine } from "./wasm/engine.js";
import { Pool } from "./wasm/threads/pool.js";
import { whyFewer } from "./wasm/threads/shortage.js";
import { availableThreads } from "./wasm/threads/spawn.js";
import { resizeThreads } from "./wasm/threads/thread-count.js";

/** What computes the steps: WebAssembly or JavaScript. The numbers are the same. */
export type EngineName = "wasm" | "js";

/** Those that were made so far. */
export const engines: Partial<Record<EngineName | "auto", HostEngine>> = {};
let wanted: EngineName | "auto" = "auto";

/** The engine for new variables and optimizers, made on first use. */
export const defaultEngine = (): HostEngine => engineNamed(wanted);

/**
 * Chooses the engine of the variables and optimizers made from now on; those that exist keep theirs.
 * `"auto"`, the default, takes WebAssembly where it runs and JavaScript elsewhere.
 *
 * @returns the engine that really runs. Throws where `"wasm"` is asked for and the platform refuses it.
 */
export function setEngine(name: EngineName | "auto"): EngineName {
  const known: readonly string[] = ["auto", "wasm", "js"];
  if (!known.includes(name)) {
    throw new RangeError(
      `setEngine: name must be "auto", "wasm" or "js"; received name=${JSON.stringify(name)}. Pass "auto" for the fastest.`,
    );
  }
  try {
    const engine = engineNamed(name);
    wanted = name;
    return engine.name as EngineName; // there are no others here
  } catch (cause) {
    const remedy = `Allow 'wasm-unsafe-eval' in the page's policy, or pass "js".`;
    throw new Error(`setEngine: WebAssembly cannot be used here (${reasonOf(cause)}). ${remedy}`, { cause });
  }
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Shares the steps of the wasm engine among threads: workers in Node and in pages that are cross-origin isolated. The
 * bits are the same for every number of threads. Steps on fewer than 65,536 elements stay on one thread; idle workers
 * sleep and never keep a Node process alive. `setThreads(1)` stops them.
 *
 * @param count an integer >= 1, also more than the machine has; `"auto"` for as many as it has
 * @returns the number of threads that really run. Where the platform gives fewer, 1 for one, a warning says why
 */
export async function setThreads(count: number | "auto"): Promise<number> {
  if (count !== "auto" && !(Number.isInteger(count) && count >= 1)) {
    const received = typeof count === "string" ? JSON.stringify(count) : String(count);
    const text = `setThreads: count must be an integer >= 1 or "auto"; received count=${received}. Pass "auto" for all cores.`;
    throw typeof count === "number" ? new RangeError(text) : new TypeError(text);
  }
  // One call after the other: each starts from what the one before has left.
  const resized = last.then(async () => {
    const engine = defaultEngine();
    const asked = count === "auto" ? availableThreads() : count;
    await resizeThreads(asked, Pool);
    const { threads, shared } = engine instanceof WasmEngine ? engine : { threads: 1, shared: null };
    if (threads < asked) warnOnce(`setThreads: ${threads} of ${asked} threads run: ${whyFewer(threads, shared)}`);
    return threads;
  });
  last = resized.catch(() => undefined);
  return resized;
}

function engineNamed(name: EngineName | "auto"): HostEngine {
  engines[name] ??= CREATE[name]();
  return engines[name];
}

const CREATE: Readonly<Record<EngineName | "auto", () => HostEngine>> = {
  js: createJsEngine,
  wasm: () => new WasmEngine(),
  auto: () => {
    try {
      return engineNamed("wasm");
    } catch {
      return engineNamed("js");
    }
  },
};
