// Around each test of the contract where it runs on memory that grows (memory.ts): unshared, as in most pages, one page at the
// start of every test. Suites share a process, which loads memory.ts once.
import { beforeEach, vi } from "vitest";
// Of the built package when that is tested (vitest.config.ts).
import { engines } from "../../../src/engine/default-engine.js";
import { seen } from "./memory.js";

beforeEach(() => {
  vi.stubGlobal("crossOriginIsolated", false);
  for (const name of ["wasm", "auto"] as const) delete engines[name];
  seen.clear();
});
