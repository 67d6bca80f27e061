// How the page is served and built. It uses the built package, so that what a visitor runs is what is published.
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { guideFiles } from "./docs/guide.js";

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

/** The guide while it is written, made anew for each request. The API reference is there in builds only. */
const serveGuide: Plugin = {
  name: "serve-guide",
  configureServer({ middlewares }) {
    middlewares.use((request, response, next) => {
      const path = decodeURI(request.url ?? "").replace(/^\/|[?#].*/g, "");
      const file = /^(guide|source)\//.test(path) ? guideFiles().get(path) : undefined;
      if (file === undefined) return next();
      response.setHeader("Content-Type", TYPES[extname(path)] ?? "text/plain");
      response.end(file);
    });
  },
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export default defineConfig({
  plugins: [listFiles, serveGuide],
  root: at("."),
  // Relative addresses: the build works in any folder of any host.
  base: "./",
  // Several pages: an address that is none is not found.
  appType: "mpa",
  resolve: { alias: [{ find: /^rmsprop$/, replacement: at("../dist/index.js") }] },
  server: { headers },
  preview: { headers },
  worker: { format: "es" },
  build: { outDir: at("../out/site"), emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
});
