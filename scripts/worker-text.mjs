// Prints worker-text.ts: the text of the worker as a module, from which it starts where nobody serves its file.
import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../src/engine/wasm/threads/worker.js", import.meta.url), "utf8")
  .replace(/\/\*\*.*?\*\/ ?/g, "") // types
  .replace(/(^| )\/\/ .*$/gm, "") // comments
  .replace(/^\s+/gm, "");

console.log(`// The text of worker.js, made of it by \`npm run build\`.

export const WORKER_TEXT: string = \`
${text}\`;`);
