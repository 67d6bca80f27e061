// The package as one script, for surroundings that have no modules: a page with a policy, an old engine, a bare realm.

import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";

const built = process.env.RMSPROP_DIST === "1";
const entry = fileURLToPath(new URL(built ? "../../dist/plain/index.js" : "../../src/plain/index.ts", import.meta.url));

/** `import * as rmsprop from "rmsprop"`, then `code`. */
export async function scriptOf(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `import * as rmsprop from ${JSON.stringify(entry)};\n${code}`, resolveDir: "." },
    ...{ bundle: true, write: false, format: "iife", platform: "neutral", target: "es2022", logLevel: "silent" },
  });
  return outputFiles.map(({ text }) => text).join("");
}

/** What a realm has besides JavaScript itself. */
export interface Realm {
  /** Whether WebAssembly may compile; a Content-Security-Policy without 'wasm-unsafe-eval' says no. */
  readonly wasm?: boolean;
  /** Runs before everything else, to take things away. */
  readonly before?: string;
}

/** Runs the script in a realm of its own, where `eval` and `new Function` are forbidden, and returns `globalThis.result`. */
export function runInRealm(script: string, { wasm = true, before = "" }: Realm = {}): unknown {
  const realm = vm.createContext({ console }, { codeGeneration: { strings: false, wasm } });
  vm.runInContext(before, realm);
  vm.runInContext(script, realm);
  return vm.runInContext("result", realm);
}
