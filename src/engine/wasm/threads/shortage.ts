// Why fewer threads run than were asked for, and what to do about it.
import { MAX_WORKERS } from "./control.js";
import { waysToSpawn } from "./spawn.js";

const HEADERS = "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";

/** `shared`: whether threads can share the engine's memory, or null for an engine without threads. */
export function whyFewer(threads: number, shared: boolean | null): string {
  if (shared === null) return `the engine is JavaScript. setEngine("wasm") says what refuses WebAssembly here.`;
  if (threads > MAX_WORKERS) return "these are the most. Ask for no more than the machine has.";
  if (waysToSpawn().length === 0) return "this platform has no workers. Node has them from 20.16 and 22.3 on.";
  if (shared) return "some workers did not start. In a page, its policy must allow worker-src 'self' or blob:.";
  if (Reflect.get(globalThis, "crossOriginIsolated") !== false) return "this platform does not share memory.";
  return `this page is not cross-origin isolated. Serve it with the headers ${HEADERS}.`;
}
