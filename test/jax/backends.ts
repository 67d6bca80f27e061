// The backends of jax-js that run in Node, arrays from and to numbers, and a count of the buffers that are alive.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { canonical } from "../oracle/bits.js";
import { isWhole } from "../seed.js";

const BACKENDS = ["wasm", "cpu"] as const;
export type Backend = (typeof BACKENDS)[number];

interface Buffers {
  malloc(size: number, data?: Uint8Array): number;
  incRef(slot: number): void;
  decRef(slot: number): void;
}

const counts = new Map<Buffers, Map<number, number>>();

/** Makes this backend the default, and counts its buffers from now on. */
async function startBackend(backend: Backend): Promise<void> {
  await init("cpu", "wasm");
  defaultDevice(backend);
  const buffers = await buffersOf(backend);
  if (!counts.has(buffers)) counts.set(buffers, counted(buffers));
}

/** Buffers that are alive, of all backends started. Small constants have none. */
export function liveBuffers(): number {
  return [...counts.values()].reduce((sum, live) => sum + live.size, 0);
}

/** A suite for each backend; every test must end with as many buffers as it began with. */
export const onEveryBackend = (suite: (backend: Backend) => void): void => onBackends(BACKENDS, suite);

/** As `onEveryBackend`, for what stands around steps: `npm test` leaves out the backend "cpu", which is an interpreter. */
export const onSomeBackend = (suite: (backend: Backend) => void): void =>
  onBackends(isWhole ? BACKENDS : ["wasm"], suite);

function onBackends(backends: readonly Backend[], suite: (backend: Backend) => void): void {
  describe.each(backends)("on backend %s", (backend) => {
    let before = 0;
    beforeEach(async () => {
      await startBackend(backend);
      before = liveBuffers();
    });
    afterEach(() => {
      expect(liveBuffers()).toBe(before);
    });
    suite(backend);
  });
}

/** An array of type float32 and of this shape; by default, flat. */
export function array(values: readonly number[] | Float32Array, shape: readonly number[] = [values.length]): np.Array {
  return values.length === 0 ? np.zeros([...shape]) : np.array(Float32Array.from(values), { shape: [...shape] });
}

/** The elements; the array stays. */
export function valuesOf(given: np.Array): Float32Array {
  return Float32Array.from(given.ref.dataSync());
}

/** The bits of float32 numbers, so that -0 counts; those of a NaN say nothing. */
export function bits(values: ArrayLike<number>): string {
  return Buffer.from(canonical(Float32Array.from(values)).buffer).toString("hex");
}

/** jax-js does not export its backends: they are found among the exports of its own file, by the function's name. */
async function buffersOf(backend: Backend): Promise<Buffers> {
  const folder = dirname(fileURLToPath(import.meta.resolve("@jax-js/jax")));
  const file = readdirSync(folder).find((name) => /^backend-.*\.js$/.test(name)) ?? "";
  const module = (await import(pathToFileURL(join(folder, file)).href)) as Readonly<Record<string, unknown>>;
  const get = Object.values(module).find((value) => typeof value === "function" && value.name === "getBackend");
  return (get as (backend: Backend) => Buffers)(backend);
}

function counted(buffers: Buffers): Map<number, number> {
  const live = new Map<number, number>();
  const { malloc, incRef, decRef } = buffers;
  const add = (slot: number, change: number): void => {
    const count = (live.get(slot) ?? 0) + change;
    if (count === 0) live.delete(slot);
    else live.set(slot, count);
  };
  buffers.malloc = (size, data) => {
    const slot = malloc.call(buffers, size, data);
    add(slot, 1);
    return slot;
  };
  buffers.incRef = (slot) => {
    incRef.call(buffers, slot);
    if (live.has(slot)) add(slot, 1);
  };
  buffers.decRef = (slot) => {
    decRef.call(buffers, slot);
    if (live.has(slot)) add(slot, -1);
  };
  return live;
}
