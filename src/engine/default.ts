// Which engine core uses: WebAssembly where the platform allows it, JavaScript elsewhere, or what the user asked for.
import type { CoreEngine } from "./engine.js";
import { createJsEngine } from "./js.js";
import { createWasmEngine } from "./wasm/engine.js";

export type EngineName = "wasm" | "js";

const engines: Partial<Record<EngineName | "auto", CoreEngine>> = {};
let wanted: EngineName | "auto" = "auto";

/** The engine for new variables and optimizers, made on first use. */
export function defaultEngine(): CoreEngine {
  return engineNamed(wanted);
}

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
  const engine = engineNamed(name);
  wanted = name;
  return engine.name as EngineName;
}

function engineNamed(name: EngineName | "auto"): CoreEngine {
  engines[name] ??= CREATE[name]();
  return engines[name];
}

const CREATE: Readonly<Record<EngineName | "auto", () => CoreEngine>> = {
  js: createJsEngine,
  wasm: createWasmEngine,
  auto: () => {
    try {
      return engineNamed("wasm");
    } catch {
      return engineNamed("js");
    }
  },
};
