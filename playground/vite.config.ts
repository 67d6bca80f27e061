// How the page is served and built. It uses the built package, so that what a visitor runs is what is published.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { entriesIn } from "../entry-points.js";
import { serveDocs } from "./docs/serve.js";
import { sitePages } from "./docs/site-pages.js";
import { NAN_PATH } from "./src/pages.js";

const { core, others } = entriesIn("dist");
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Cross-origin isolation for threads, and no script that is not the page's own. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'",
};

/** Of the page's own folder, for whatever is loaded on demand only: a large library, and what comes with it. */
const LATER = "assets/later/";
const output = {
  chunkFileNames: `${LATER}[name]-[hash].js`,
  assetFileNames: ({ names }: { names: readonly string[] }): string =>
    `${names.some((name) => /\.(wasm|gz)$/.test(name)) ? LATER : "assets/"}[name]-[hash][extname]`,
};

/** Of pages: what two of them share is needed at once. */
const pageOutput = {
  ...output,
  chunkFileNames: ({ isDynamicEntry }: { isDynamicEntry: boolean }): string =>
    `${isDynamicEntry ? LATER : "assets/"}[name]-[hash].js`,
};

/** The workers of the tab Digits hold TensorFlow.js and the reader of files. */
const workerOutput = {
  ...output,
  entryFileNames: ({ facadeModuleId }: { facadeModuleId: string | null }): string =>
    `${facadeModuleId?.includes("/src/digits/") ? LATER : "assets/"}[name]-[hash].js`,
};

/** The pages that Vite makes; those of the guide and the reference come from docs/. */
const PAGES = ["index.html", NAN_PATH];

/** Served as it is, under a name that pages of the guide know. */
const ICON = "favicon.svg";

/** Lists what was built, for the service worker: another list, or another version, is another service worker. */
const listFiles: Plugin = {
  name: "list-files",
  apply: "build",
  enforce: "post",
  generateBundle(_, bundle) {
    const names = Object.keys(bundle).sort();
    const hash = createHash("sha256");
    for (const name of names) {
      const file = bundle[name];
      hash.update(name).update(file?.type === "chunk" ? file.code : (file?.source ?? ""));
    }
    hash.update(readFileSync(at(`public/${ICON}`)));
    const namesOf = (isLater: boolean): string[] => names.filter((name) => name.startsWith(LATER) === isLater);
    const version = hash.digest("hex").slice(0, 16);
    const list = { version, files: [...namesOf(false), ICON], later: namesOf(true) };
    this.emitFile({ type: "asset", fileName: "files.js", source: `self.BUILT = ${JSON.stringify(list)};\n` });
  },
};

export default defineConfig({
  plugins: [listFiles, sitePages, serveDocs],
  root: at("."),
  // Relative addresses: the build works in any folder of any host.
  base: "./",
  // Several pages: an address that is none is not found.
  appType: "mpa",
  resolve: {
    alias: [core, ...others],
  },
  server: { headers },
  // Those of workers, which the server would find only when they are asked for, and then load the page anew.
  optimizeDeps: {
    include: ["core", "backend-cpu", "backend-wasm", "layers"].map((part) => `@tensorflow/tfjs-${part}`),
  },
  preview: { headers },
  // h5wasm is for writing files, which the page does not: it is never imported.
  worker: { format: "es", rollupOptions: { external: ["h5wasm"], output: workerOutput } },
  build: {
    ...{ outDir: at("../out/site"), emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
    rollupOptions: { input: PAGES.map(at), output: pageOutput },
  },
});
