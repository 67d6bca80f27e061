// Which engine new variables and optimizers of numbers in memory get: WebAssembly where the platform allows it, JavaScript elsewhere, or what the user asked for.
import { reasonOf } from "../check/built-ins.js";
import type { HostEngine } from "./engine.js";
import { createJsEngine } from "./js/engine.js";
import { WasmEngine } from "./wasm/engine.js";

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
