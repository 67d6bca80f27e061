// The worker is plain JavaScript already: it is copied beside the compiled files.
import { copyFileSync } from "node:fs";

const worker = "engine/wasm/threads/worker.js";
copyFileSync(new URL(`../src/${worker}`, import.meta.url), new URL(`../dist/${worker}`, import.meta.url));
