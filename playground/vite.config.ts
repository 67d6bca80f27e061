// How the page is served and built. It uses the built package, so that what a visitor runs is what is published.
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Cross-origin isolation for threads, and no script that is not the page's own. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'",
};

/** Lists what was built, for the service worker to keep. */
const listFiles: Plugin = {
  name: "list-files",
  apply: "build",
  enforce: "post",
  generateBundle(_, bundle) {
    this.emitFile({ type: "asset", fileName: "files.json", source: JSON.stringify(Object.keys(bundle)) });
  },
};

export default defineConfig({
  plugins: [listFiles],
  root: at("."),
  // Relative addresses: the build works in any folder of any host.
  base: "./",
  resolve: { alias: [{ find: /^rmsprop$/, replacement: at("../dist/index.js") }] },
  server: { headers },
  preview: { headers },
  worker: { format: "es" },
  build: { outDir: at("../out/site"), emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
});
