// Before the tests: the built package is packed and installed in a folder of its own, and the pages are bundled there by
// Vite with its usual settings, as a user's would be.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { TestProject } from "vitest/node";
import { installPacked, ROOT } from "../package/installed.js";
import { findChromium } from "./chromium.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the bundled pages. */
    site: string;
  }
}

const PAGES = fileURLToPath(new URL("./pages", import.meta.url));
const WASM_OF_TFJS = join(ROOT, "node_modules/@tensorflow/tfjs-backend-wasm/dist");

/** Vitest calls this once; what it returns is called when all tests are done. */
export default async function setup(project: TestProject): Promise<() => void> {
  findChromium(); // Without it there is nothing to bundle for.
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-browser-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    project.provide("site", await bundle(folder));
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

async function bundle(folder: string): Promise<string> {
  installPacked(folder);
  symlinkSync(join(ROOT, "node_modules/@tensorflow"), join(folder, "node_modules/@tensorflow"));
  cpSync(PAGES, folder, { recursive: true });
  copyWasmOfTfjs(join(folder, "public/wasm"));
  const names = readdirSync(folder).filter((name) => name.endsWith(".html"));
  const input = names.map((name) => join(folder, name));
  const settings = { root: folder, configFile: false, logLevel: "error" } as const;
  await build({ ...settings, build: { rollupOptions: { input } } });
  return join(folder, "dist");
}

/** TensorFlow.js fetches its binaries when its backend starts: a page has them beside itself. */
function copyWasmOfTfjs(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(WASM_OF_TFJS).filter((name) => name.endsWith(".wasm"))) {
    cpSync(join(WASM_OF_TFJS, name), join(folder, name));
  }
}
