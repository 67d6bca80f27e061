// Whoever can be measured, by the words that stand for them in links: names, kinds, and the bytes that a step moves.

/** What is read and written of each parameter in a step: the variable, its velocity and its gradient. */
export const BYTES_PER_PARAMETER = 20;

/** Of this package; of others; or the limit: as much traffic with next to no arithmetic. */
export type Kind = "own" | "other" | "limit";

interface Described {
  readonly name: string;
  readonly kind: Kind;
}

/** What was measured of one of them. */
export interface Bar {
  readonly word: string;
  /** For each parameter, of the fastest step. */
  readonly nanoseconds: number;
}

/** The measurements of one machine. */
export interface Measured {
  /** The browser and its machine, in a few words. */
  readonly machine: string;
  readonly bars: readonly Bar[];
}

/** Those that run on several threads have the number of them after their word. */
const THREADED: Readonly<Record<string, Described>> = {
  wasm: { name: "rmsprop, WebAssembly", kind: "own" },
  traffic: { name: "limit: the same traffic", kind: "limit" },
};

const SINGLE: Readonly<Record<string, Described>> = {
  tftrain: { name: "tf.train.rmsprop, wasm backend", kind: "other" },
  tfjs: { name: "rmsprop/tfjs, wasm backend", kind: "own" },
  loop: { name: "JavaScript loop", kind: "other" },
  js: { name: "rmsprop, JavaScript", kind: "own" },
  copy: { name: "limit: a copy of as many bytes", kind: "limit" },
  webgpu: { name: "rmsprop, WebGPU", kind: "own" },
  gpucopy: { name: "limit: the same traffic, WebGPU", kind: "limit" },
};

/** What a word means, or null. */
export function describe(word: string): Described | null {
  if (Object.hasOwn(SINGLE, word)) return SINGLE[word] ?? null;
  const [, stem = "", digits = ""] = /^([a-z]+)([1-9]\d{0,2})$/.exec(word) ?? [];
  const threaded = Object.hasOwn(THREADED, stem) ? THREADED[stem] : undefined;
  return threaded ? { ...threaded, name: `${threaded.name}, ${digits} thread${digits === "1" ? "" : "s"}` } : null;
}

export function gigabytesPerSecond({ nanoseconds }: Bar): number {
  return BYTES_PER_PARAMETER / nanoseconds;
}
